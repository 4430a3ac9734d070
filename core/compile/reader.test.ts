import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rememberingReader } from './reader.ts';

const credential = () => ({
  apiVersion: 'modelgate.dev/v1alpha1',
  kind: 'ProviderCredential',
  metadata: { name: 'mock' },
  spec: { provider: 'Mock' },
});

test('an object is read once, another one of the same content again', () => {
  const read = rememberingReader();
  const object = credential();
  assert.equal(read(object), read(object));
  assert.notEqual(read(object), read(credential()));
  assert.deepEqual(read(object), read(credential()));
});

test('what is no object is refused as ever', () => {
  const read = rememberingReader();
  for (const input of [undefined, null, 'text', 7]) assert.equal(read(input).ok, false);
});
