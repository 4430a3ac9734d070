import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileYaml } from '../gateway/compile-yaml.ts';

const PLATFORM = `
apiVersion: modelgate.dev/v1alpha1
kind: ProviderCredential
metadata: { name: mock, namespace: platform }
spec: { provider: Mock, allowedNamespaces: { from: All } }
---
apiVersion: modelgate.dev/v1alpha1
kind: ModelAlias
metadata: { name: chat, namespace: platform }
spec:
  targets: [{ credentialRef: { name: mock }, model: echo }]
  allowedNamespaces: { from: All }
`;

const CALLER = `
apiVersion: modelgate.dev/v1alpha1
kind: CallerKey
metadata: { name: shop, namespace: shop }
spec: { sha256: ${'a'.repeat(64)}, aliases: [chat, '*'] }
`;

const aliasOf = (namespace: string, credential: string, extra = ''): string => `
apiVersion: modelgate.dev/v1alpha1
kind: ModelAlias
metadata: { name: chat, namespace: ${namespace} }
spec: { targets: [{ credentialRef: { name: ${credential}, namespace: platform }, model: echo }] ${extra} }
`;

function grants(...documents: string[]): readonly object[] {
  const { config } = compileYaml(documents.join('---'));
  return config.access[config.callers['shop/shop']!.access]!;
}

test('an own alias that cannot serve at present keeps its name: requests do not stray to another tenant', () => {
  assert.deepEqual(grants(PLATFORM, CALLER), [{ match: 'chat', alias: 'platform/chat' }]);
  assert.deepEqual(grants(PLATFORM, CALLER, aliasOf('shop', 'mock')), [
    { match: 'chat', alias: 'shop/chat' },
  ]);
  assert.deepEqual(grants(PLATFORM, CALLER, aliasOf('shop', 'gone')), [
    { match: 'chat', alias: 'shop/chat' },
  ]);
});

test('a name that leads to an alias without a usable target does not fall to a wildcard, whoever has that', () => {
  const wildcard = `
apiVersion: modelgate.dev/v1alpha1
kind: ModelAlias
metadata: { name: all, namespace: platform }
spec:
  alias: '*'
  targets: [{ credentialRef: { name: mock }, model: '*' }]
  allowedNamespaces: { from: All }
`;
  const broken = aliasOf('shop', 'gone');
  const found = grants(PLATFORM, CALLER, wildcard, broken);
  assert.deepEqual(found, [
    { match: '*', alias: 'platform/all' },
    { match: 'chat', alias: 'shop/chat' },
  ]);
  const { config } = compileYaml([PLATFORM, CALLER, wildcard, broken].join('---'));
  assert.deepEqual(config.aliases['shop/chat']!.targets, []);
});

test('an own alias that is refused has no name to keep', () => {
  const refused = aliasOf('shop', 'mock', ', allowedCIDRs: [10.0.0.0/8]');
  assert.deepEqual(grants(PLATFORM, CALLER, refused), [{ match: 'chat', alias: 'platform/chat' }]);
});

test('a policy names the key of another namespace as soon as that may call an alias of its own', () => {
  const policy = `
apiVersion: modelgate.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: rules, namespace: platform }
spec:
  targetRefs: [{ kind: CallerKey, name: shop, namespace: shop }]
  timeouts: { total: 1m }
`;
  const bound = (...documents: string[]): readonly string[] | undefined =>
    compileYaml(documents.join('---')).config.callers['shop/shop']!.policies;
  assert.deepEqual(bound(PLATFORM, CALLER, policy), ['platform/rules']);
  assert.equal(bound(PLATFORM, CALLER, policy, aliasOf('shop', 'mock')), undefined);
});

test('the generation that was looked at is told', () => {
  const { statuses } = compileYaml(CALLER.replace('name: shop,', 'name: shop, generation: 7,'));
  assert.equal(statuses[0]?.generation, 7);
});
