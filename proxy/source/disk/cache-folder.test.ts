import assert from 'node:assert/strict';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { withRevision } from '../../../core/config/revision.ts';
import { publish } from '../../../core/publish/publish.ts';
import { Reader, type Publication } from '../reader.ts';
import { CacheFolder } from './cache-folder.ts';

/** Generations differ in the one namespace that they have. */
function generation(name: string): Publication {
  const nothing = { credentials: {}, aliases: {}, access: {}, callers: {}, policies: {} };
  const config = withRevision({ version: 1, ...nothing, namespaces: { [name]: { visible: 'none' } } });
  const { manifest, shards } = publish(config);
  return { config, manifest: JSON.stringify(manifest), shards };
}

const [older, newer] = [generation('older'), generation('newer')];

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'modelgate-cache-'));
  context.after(() => rmSync(path, { recursive: true }));
  return path;
}

async function withBoth(context: TestContext): Promise<string> {
  const path = folder(context);
  const cache = new CacheFolder(path);
  await cache.save(older);
  await cache.save(newer);
  return path;
}

/** What a new process finds there: the revision, and which files it refused. */
async function found(path: string): Promise<{ revision: string | undefined; refused: string[] }> {
  const refused: string[] = [];
  const publication = await new CacheFolder(path).load(new Reader(), (file) => refused.push(file));
  return { revision: publication?.config.revision, refused };
}

test('the newest generation is found again', async (context) => {
  const path = await withBoth(context);
  assert.deepEqual(await found(path), { revision: newer.config.revision, refused: [] });
});

test('in a folder that is not there, nothing is found, and it is made for its owner alone', async (context) => {
  const path = join(folder(context), 'a', 'b');
  assert.deepEqual(await found(path), { revision: undefined, refused: [] });
  await new CacheFolder(path).save(older);
  assert.equal(statSync(path).mode & 0o777, 0o700);
  for (const file of readdirSync(path)) assert.equal(statSync(join(path, file)).mode & 0o777, 0o600, file);
  assert.equal((await found(path)).revision, older.config.revision);
});

const [newShard] = [...newer.shards.keys()] as [string];
const [oldShard] = [...older.shards.keys()] as [string];

const DAMAGE: Record<string, (path: string) => void> = {
  'a manifest that is cut off': (path) => truncateSync(join(path, 'manifest.json'), 20),
  'an empty manifest': (path) => truncateSync(join(path, 'manifest.json'), 0),
  'a manifest of another version': (path) =>
    writeFileSync(join(path, 'manifest.json'), '{"version":2,"parts":[]}'),
  'a manifest with another revision': (path) =>
    writeFileSync(
      join(path, 'manifest.json'),
      newer.manifest.replace(newer.config.revision, 'made-up-revision'),
    ),
  'a manifest that points out of the folder': (path) =>
    writeFileSync(join(path, 'manifest.json'), newer.manifest.replace(newShard, '../../etc/passwd')),
  'a shard that is cut off': (path) => truncateSync(join(path, newShard), 30),
  'an empty shard': (path) => truncateSync(join(path, newShard), 0),
  'a shard that is another': (path) =>
    writeFileSync(join(path, newShard), readFileSync(join(path, oldShard))),
  'a shard that is gone': (path) => rmSync(join(path, newShard)),
};

for (const [what, damage] of Object.entries(DAMAGE)) {
  test(`${what}: the generation before it is found, and what comes next is kept whole`, async (context) => {
    const path = await withBoth(context);
    damage(path);
    assert.deepEqual(await found(path), { revision: older.config.revision, refused: ['manifest.json'] });
    await new CacheFolder(path).save(newer);
    assert.deepEqual(await found(path), { revision: newer.config.revision, refused: [] });
  });
}

test('when both are broken, nothing is found', async (context) => {
  const path = await withBoth(context);
  for (const shard of [newShard, oldShard]) truncateSync(join(path, shard), 30);
  const refused = ['manifest.json', 'manifest.previous.json'];
  assert.deepEqual(await found(path), { revision: undefined, refused });
  assert.deepEqual(readdirSync(path), [], 'what cannot be used is not kept');
});

test('what a process that died has begun is in nobody’s way', async (context) => {
  const path = await withBoth(context);
  writeFileSync(join(path, `${newShard}.draft`), 'half');
  writeFileSync(join(path, 'manifest.json.draft'), 'half');
  const next = generation('next');
  await new CacheFolder(path).save(next);
  assert.equal((await found(path)).revision, next.config.revision);
  const files = readdirSync(path).filter((file) => file.startsWith('modelgate-'));
  assert.deepEqual(files.toSorted(), [...newer.shards.keys(), ...next.shards.keys()].toSorted());
});

test('of many that are saved at once the last one stays, with the one before it', async (context) => {
  const path = folder(context);
  const cache = new CacheFolder(path);
  const many = Array.from({ length: 10 }, (_, i) => generation(`g${i}`));
  await Promise.all(many.map((one) => cache.save(one)));
  assert.equal((await found(path)).revision, many.at(-1)!.config.revision);
  rmSync(join(path, 'manifest.json'));
  assert.equal((await found(path)).revision, many.at(-2)!.config.revision);
});

test('saving what is there writes nothing', async (context) => {
  const path = await withBoth(context);
  const before = statSync(join(path, 'manifest.json')).ino;
  await new CacheFolder(path).save(newer);
  assert.equal(statSync(join(path, 'manifest.json')).ino, before);
});

test('a folder that cannot be written to is an error, and no reason not to save the next time', async (context) => {
  const path = folder(context);
  const file = join(path, 'file');
  writeFileSync(file, '');
  const cache = new CacheFolder(join(file, 'below'));
  await assert.rejects(cache.save(older), /ENOTDIR/);
  rmSync(file);
  await cache.save(newer);
  assert.equal((await found(join(file, 'below'))).revision, newer.config.revision);
});
