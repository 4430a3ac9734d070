import assert from 'node:assert/strict';
import test from 'node:test';
import { isCoreV1, parseNamespace, parseSecret } from './core-v1.ts';

const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'n' } };

test('a Secret is decoded, and stringData is laid over data', () => {
  const data = { a: Buffer.from('one').toString('base64'), b: Buffer.from('two').toString('base64') };
  const parsed = parseSecret(
    { ...secret, type: 'Opaque', data, stringData: { b: 'three' } },
    { strict: true },
  );
  assert.deepEqual(parsed, { ok: true, resource: { ...secret, data: { a: 'one', b: 'three' } } });
});

test('a Secret without values is a Secret', () => {
  assert.deepEqual(parseSecret(secret, { strict: true }), { ok: true, resource: { ...secret, data: {} } });
});

test('mistakes in a Secret are named without its values', () => {
  const parsed = parseSecret(
    { ...secret, data: { a: 'not base64!' }, stringData: { b: 424242 }, stringdata: {} },
    { strict: true },
  );
  assert.ok(!parsed.ok);
  assert.deepEqual(parsed.problems, [
    { path: ['stringdata'], message: 'unknown field "stringdata", did you mean "stringData"?' },
    { path: ['data', 'a'], message: 'must be base64: use stringData for plain text' },
    { path: ['stringData', 'b'], message: 'must be a string: put it in quotes' },
  ]);
});

test('a Namespace keeps its labels and has no namespace', () => {
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels: { team: 'shop' } },
  };
  assert.deepEqual(parseNamespace({ ...namespace, spec: {}, status: {} }, { strict: true }), {
    ok: true,
    resource: namespace,
  });
});

test('only Secret and Namespace of v1 are taken for one', () => {
  assert.ok(isCoreV1(secret));
  assert.ok(!isCoreV1({ apiVersion: 'v1', kind: 'ConfigMap' }));
  assert.ok(!isCoreV1({ apiVersion: 'v2', kind: 'Secret' }));
  assert.ok(!isCoreV1(null));
});
