import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readConfiguration } from './configuration.ts';
import { embeddedSource } from './embedded/index.ts';
import { exposedKeys } from './exposure.ts';
import { KeyStore } from './key-store.ts';
import type { Source } from './source.ts';

const root = await mkdtemp(join(tmpdir(), 'modelgate-exposure-'));
after(() => rm(root, { recursive: true, force: true }));

async function exposed(source: Source, host: string) {
  const configuration = await readConfiguration(source, new KeyStore(root), {});
  return exposedKeys(configuration, host).map(({ resource }) => resource);
}

test('a key that the gateway made is for this machine only', async () => {
  const source = await embeddedSource({});
  assert.deepEqual(await exposed(source, '127.0.0.1'), []);
  assert.deepEqual(await exposed(source, '0.0.0.0'), ['CallerKey/default/local']);
});

test('a key that somebody brought may be served anywhere', async () => {
  const source = await embeddedSource({});
  const secrets = { 'default/local-modelgate': { MODELGATE_API_KEY: 'a-key-of-somebody-else' } };
  const brought = { ...source, load: async () => ({ ...(await source.load()), secrets }) };
  assert.deepEqual(await exposed(brought, '0.0.0.0'), []);
});
