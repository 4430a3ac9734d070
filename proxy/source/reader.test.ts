import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withRevision } from '../../core/config/revision.ts';
import type { Config } from '../../core/config/config.ts';
import { publish } from '../../core/publish/publish.ts';
import { Reader } from './reader.ts';

const TEXT = 'x'.repeat(200);

/** Enough to need several shards. */
function configWith(disabled: string): Config {
  const ids = Array.from({ length: 6_000 }, (_, i) => `team/c${i}`);
  const callers = ids.map((id): [string, Config['callers'][string]] => {
    const caller = { namespace: 'team', name: id.slice(5), keys: [], access: TEXT };
    return [id, id === disabled ? { ...caller, disabled: true } : caller];
  });
  const nothing = { credentials: {}, aliases: {}, access: {}, namespaces: {}, policies: {} };
  return withRevision({ version: 1, ...nothing, callers: Object.fromEntries(callers) });
}

const [first, second] = [configWith('team/c1'), configWith('team/c2')];
const [one, two] = [publish(first), publish(second)];
const manifestOf = ({ manifest }: typeof one): string => JSON.stringify(manifest);

test('what is held is not asked for again', async () => {
  const asked: string[] = [];
  const fetch = ({ shards }: typeof one) => {
    return async (name: string) => {
      asked.push(name);
      return shards.get(name)!;
    };
  };
  const reader = new Reader();
  assert.deepEqual((await reader.read(manifestOf(one), fetch(one))).config, first);
  assert.deepEqual(asked, one.manifest.shards);
  assert.ok(asked.length > 4, `${asked.length} shards`);
  asked.length = 0;
  const publication = await reader.read(manifestOf(two), fetch(two));
  assert.deepEqual(publication.config, second);
  assert.deepEqual(
    asked,
    two.manifest.shards.filter((name) => !one.shards.has(name)),
  );
  assert.deepEqual(new Set(publication.shards.keys()), new Set(two.manifest.shards));
});

test('requests get their turn between shards', async () => {
  let turns = 0;
  let going = true;
  const count = (): void => {
    turns++;
    if (going) setImmediate(count);
  };
  setImmediate(count);
  await new Reader().read(manifestOf(one), async (name) => one.shards.get(name)!);
  going = false;
  assert.ok(turns >= 2 * one.shards.size, `${turns} turns for ${one.shards.size} shards`);
});

test('a shard that cannot be had fails the whole, and what others were asked for disturbs nobody', async () => {
  const reader = new Reader();
  const bad = one.manifest.shards[1]!;
  const fails = async (name: string): Promise<Uint8Array> => {
    if (name === one.manifest.shards[0]) return one.shards.get(name)!;
    throw new Error(`no ${name}`);
  };
  await assert.rejects(reader.read(manifestOf(one), fails), new Error(`no ${bad}`));
  const { config } = await reader.read(manifestOf(one), async (name) => one.shards.get(name)!);
  assert.deepEqual(config, first);
});
