import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Config } from '../config/config.ts';
import { withRevision } from '../config/revision.ts';
import { publish } from './publish.ts';
import { assemble } from './assemble.ts';

const KIB = 1024;

const PLAIN = { noNullPrototype: true } as const;
const name = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const id = fc.tuple(name, name).map(([namespace, own]) => `${namespace}/${own}`);
const text = fc.string({ unit: 'binary', maxLength: 12 });
const entries = <T>(key: fc.Arbitrary<string>, value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.dictionary(key, value, { maxKeys: 12, noNullPrototype: true });

const anyConfig: fc.Arbitrary<Config> = fc
  .record({
    version: fc.constant(1 as const),
    credentials: entries(
      id,
      fc.record(
        { provider: name, baseURL: text, keys: fc.array(text), headers: entries(name, text) },
        { requiredKeys: ['provider', 'keys'], ...PLAIN },
      ),
    ),
    aliases: entries(
      id,
      fc.record(
        {
          name: text,
          namespace: name,
          createdAt: fc.nat(),
          targets: fc.constant([]),
          routing: fc.constant({ strategy: 'Weighted', whenAllUnhealthy: 'Fail' as const }),
        },
        PLAIN,
      ),
    ),
    access: entries(name, fc.array(fc.record({ match: text, alias: id }, PLAIN))),
    namespaces: entries(name, fc.record({ visible: name }, PLAIN)),
    callers: entries(
      id,
      fc.record(
        {
          namespace: name,
          name,
          keys: fc.array(fc.record({ sha256: text }, PLAIN)),
          access: name,
          labels: entries(name, text),
        },
        PLAIN,
      ),
    ),
    policies: entries(
      id,
      fc.record(
        { namespace: name, name, mode: fc.constantFrom('Enforce' as const, 'Monitor' as const) },
        PLAIN,
      ),
    ),
  })
  .map((content) => withRevision(content));

/** Callers `ns/c0`…, each with a key of its own. */
function manyCallers(count: number): Config {
  const callers: Record<string, Config['callers'][string]> = {};
  for (let i = 0; i < count; i++) {
    const namespace = `team-${i % 200}`;
    callers[`${namespace}/c${i}`] = {
      namespace,
      name: `c${i}`,
      keys: [{ sha256: hash('sha256', `key ${i}`, 'hex') }],
      access: 'all',
      attributes: { costCenter: String(i % 500) },
    };
  }
  const nothing = { credentials: {}, aliases: {}, namespaces: {}, policies: {} };
  return withRevision({ version: 1, ...nothing, access: { all: [] }, callers });
}

test('what was published comes back', () => {
  fc.assert(
    fc.property(anyConfig, (config) => {
      const { manifest, shards } = publish(config);
      assert.deepEqual(assemble(manifest, shards), config);
    }),
  );
});

test('equal configurations have equal bytes, in whatever order they were written', () => {
  fc.assert(
    fc.property(anyConfig, (config) => {
      const turned = { ...config, callers: Object.fromEntries(Object.entries(config.callers).toReversed()) };
      assert.deepEqual(publish(turned), publish(config));
    }),
  );
});

test('an empty configuration is a manifest without shards', () => {
  const empty = manyCallers(0);
  const { manifest, shards } = publish({ ...empty, access: {} });
  assert.deepEqual(manifest.shards, []);
  assert.deepEqual(assemble(manifest, shards), { ...empty, access: {} });
});

test('a name is the hash of what is inside', () => {
  const { shards } = publish(manyCallers(10));
  for (const [shard, bytes] of shards) {
    assert.equal(
      shard,
      `modelgate-config-0-${hash('sha256', gunzipSync(bytes).toString(), 'hex').slice(0, 16)}`,
    );
  }
});

test('100,000 callers fit into Secrets, and one changed key changes one shard', () => {
  const config = manyCallers(100_000);
  const before = publish(config);
  const sizes = [...before.shards.values()].map(({ length }) => length);
  assert.ok(Math.max(...sizes) < 512 * KIB, `${Math.max(...sizes)} bytes`);
  const caller = config.callers['team-7/c7']!;
  const callers = { ...config.callers, 'team-7/c7': { ...caller, keys: [{ sha256: 'f'.repeat(64) }] } };
  const after = publish(withRevision({ ...config, callers }), before.shards);
  const isNew = (shard: string): boolean => !before.shards.has(shard);
  assert.equal(after.manifest.shards.filter(isNew).length, 1);
  assert.equal(after.manifest.shards.length, before.manifest.shards.length);
  for (const [shard, bytes] of after.shards) {
    if (!isNew(shard)) assert.equal(bytes, before.shards.get(shard), 'not packed again');
  }
});

test('when the configuration grows, a bucket is split and no entry goes elsewhere', () => {
  const count = (callers: number): number => publish(manyCallers(callers)).manifest.shards.length;
  const [small, large] = [count(2_000), count(20_000)];
  assert.ok(small < large, `${small} and ${large} shards`);
  assert.ok(Number.isInteger(Math.log2(large)), 'a power of two');
});
