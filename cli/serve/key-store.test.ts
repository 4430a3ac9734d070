import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { KeyStore } from './key-store.ts';

const root = await mkdtemp(join(tmpdir(), 'modelgate-keys-'));
after(() => rm(root, { recursive: true, force: true }));

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

test('a key is made once, and only its owner may read it', async () => {
  const folder = join(root, 'once');
  const first = await new KeyStore(folder).keyOf('shop', 'web');
  assert.match(first.key, /^mg-[A-Za-z0-9_-]{43}$/);
  assert.equal(first.isNew, true);
  const again = await new KeyStore(folder).keyOf('shop', 'web');
  assert.deepEqual(again, { ...first, isNew: false });
  assert.equal(await modeOf(first.file), '600');
  assert.equal(await modeOf(join(folder, 'keys')), '700');
  assert.equal(await readFile(join(folder, '.gitignore'), 'utf8'), '*\n');
});

test('many that ask at once get the same key, and nothing is left lying about', async () => {
  const folder = join(root, 'race');
  const store = new KeyStore(folder);
  const keys = await Promise.all(Array.from({ length: 20 }, () => store.keyOf('shop', 'web')));
  assert.equal(new Set(keys.map(({ key }) => key)).size, 1);
  assert.equal(keys.filter(({ isNew }) => isNew).length, 1);
  assert.deepEqual(await readdir(join(folder, 'keys', 'shop')), ['web']);
});

test('a file that others may read is closed; one that holds no key is not overwritten', async () => {
  const store = new KeyStore(join(root, 'files'));
  const { file } = await store.keyOf('shop', 'web');
  await chmod(file, 0o644);
  await store.keyOf('shop', 'web');
  assert.equal(await modeOf(file), '600');
  await writeFile(file, 'something else');
  await assert.rejects(store.keyOf('shop', 'web'), /holds no key: delete it/);
});

test('a name leads nowhere else', async () => {
  const store = new KeyStore(join(root, 'names'));
  for (const name of ['..', '../x', 'a/b', '', '.hidden', 'A']) {
    await assert.rejects(store.keyOf('shop', name), /no key can be generated/);
    await assert.rejects(store.keyOf(name, 'web'), /no key can be generated/);
  }
});
