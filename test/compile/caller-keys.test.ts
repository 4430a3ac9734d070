import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Input } from '../../core/compile/index.ts';
import { compileYaml } from '../gateway/compile-yaml.ts';
import { sha256 } from '../gateway/config.ts';

const KEY = 'mg-not-a-real-key-of-a-test';
const OTHERS = [{ sha256: 'b'.repeat(64), expiresAt: 7 }, { sha256: 'c'.repeat(64) }];
const SIGNER = { issuer: 'https://cluster.example', audience: 'modelgate', keys: [{ kty: 'EC' as const }] };

const caller = (name: string, spec: object, created = 1): string =>
  JSON.stringify({
    apiVersion: 'modelgate.dev/v1alpha1',
    kind: 'CallerKey',
    metadata: { name, creationTimestamp: `2026-01-0${created}T00:00:00Z` },
    spec,
  });

const generating = caller('shop', { generate: { secretName: 'shop-key' } });
const secret = (value: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'shop-key' },
    stringData: { MODELGATE_API_KEY: value },
  });

function compiled(documents: readonly string[], more: Partial<Input>) {
  const { config, statuses } = compileYaml(documents.join('\n---\n'), more);
  const reasons = statuses.flatMap(({ name, conditions }) =>
    conditions.filter(({ status }) => status === 'False').map(({ reason }) => `${name} ${reason}`),
  );
  return { config, callers: config.callers, reasons };
}

const generated = (about: { foreign?: boolean; others?: typeof OTHERS }): Partial<Input> => ({
  generated: { 'default/shop': { others: [], ...about } },
});

test('replaced keys and one that is about to be written are good beside the one in the Secret', () => {
  const { callers, reasons } = compiled([generating, secret(KEY)], generated({ others: OTHERS }));
  assert.deepEqual(callers['default/shop']!.keys, [{ sha256: sha256(KEY) }, ...OTHERS]);
  assert.deepEqual(reasons, []);
});

test('the key in the Secret has no end, though it was announced or used before', () => {
  const others = [{ sha256: sha256(KEY), expiresAt: 7 }];
  const { callers } = compiled([generating, secret(KEY)], generated({ others }));
  assert.deepEqual(callers['default/shop']!.keys, [{ sha256: sha256(KEY) }]);
});

test('a key that was announced is let in before the Secret is there, and the status says what is missing', () => {
  const { callers, reasons } = compiled([generating], generated({ others: OTHERS.slice(1) }));
  assert.deepEqual(callers['default/shop']!.keys, OTHERS.slice(1));
  assert.deepEqual(reasons, ['shop SecretNotFound']);
});

test('a Secret that was not made for the CallerKey is not read', () => {
  const { callers, reasons } = compiled([generating, secret(KEY)], generated({ foreign: true }));
  assert.deepEqual(callers, {});
  assert.deepEqual(reasons, ['shop SecretNotOwned']);
});

test('tokens of ServiceAccounts: of the own namespace, with the keys of the issuer', () => {
  const { config, reasons } = compiled(
    [caller('shop', { serviceAccounts: [{ name: 'cart' }, { name: 'checkout' }] })],
    { serviceAccounts: SIGNER },
  );
  const { issuer, ...rest } = SIGNER;
  assert.deepEqual(config.issuers, { [issuer]: rest });
  assert.deepEqual(config.callers['default/shop']!.subjects, [
    { issuer, subject: 'system:serviceaccount:default:cart' },
    { issuer, subject: 'system:serviceaccount:default:checkout' },
  ]);
  assert.deepEqual(reasons, []);
});

test('of two that name one ServiceAccount the older keeps it', () => {
  const named = (name: string, created: number): string =>
    caller(name, { serviceAccounts: [{ name: 'cart' }] }, created);
  const { callers, reasons } = compiled([named('a', 2), named('b', 1)], { serviceAccounts: SIGNER });
  assert.deepEqual(Object.keys(callers), ['default/b']);
  assert.deepEqual(reasons, ['a Conflicted']);
});

test('an issuer that no caller needs is no part of the configuration', () => {
  const { config } = compiled([generating, secret(KEY)], { serviceAccounts: SIGNER });
  assert.equal(config.issuers, undefined);
});
