import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Egress } from '../net/egress.ts';
import { rememberingReader } from './reader.ts';

const egress = new Egress();

const credential = () => ({
  apiVersion: 'modelgate.dev/v1alpha1',
  kind: 'ProviderCredential',
  metadata: { name: 'mock' },
  spec: { provider: 'Mock' },
});

test('an object is read once, another one of the same content again', () => {
  const read = rememberingReader();
  const object = credential();
  assert.equal(read(object, egress), read(object, egress));
  assert.notEqual(read(object, egress), read(credential(), egress));
  assert.deepEqual(read(object, egress), read(credential(), egress));
});

test('what is no object is refused as ever', () => {
  const read = rememberingReader();
  for (const input of [undefined, null, 'text', 7]) assert.equal(read(input, egress).ok, false);
});
