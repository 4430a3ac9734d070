import fc from 'fast-check';
import type { Input } from '../../core/compile/index.ts';

const apiVersion = 'modelgate.dev/v1alpha1';
const NAMESPACES = ['a', 'b', 'c'];
const namespace = fc.constantFrom(...NAMESPACES);
const name = fc.constantFrom('x', 'y', 'z');
const ref = fc.record({ name, namespace }, { requiredKeys: ['name'] });
const labels = fc.dictionary(fc.constantFrom('team', 'tier'), fc.constantFrom('1', '2'), { maxKeys: 2 });
const selector = fc.record({ matchLabels: labels });

const allowedNamespaces = fc.oneof(
  fc.constantFrom({ from: 'Same' }, { from: 'All' }),
  selector.map((chosen) => ({ from: 'Selector', selector: chosen })),
);

const object = (kind: string, spec: fc.Arbitrary<object>): fc.Arbitrary<object> =>
  fc.record({
    apiVersion: fc.constant(apiVersion),
    kind: fc.constant(kind),
    metadata: fc.record(
      {
        name,
        namespace,
        labels,
        creationTimestamp: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
      },
      { requiredKeys: ['name', 'namespace'] },
    ),
    spec,
  });

const secretKeyRef = fc.record({ name, key: fc.constantFrom('first', 'second', 'missing') });

/** A good value, and a bad one now and then. */
function mostly<T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: good, weight: 9 }, { arbitrary: bad, weight: 1 });
}

const auth = secretKeyRef.map((secretRef) => ({ apiKey: { secretRef } }));

const account = fc.oneof(
  fc.constant({ provider: 'Mock' }),
  fc.record({ provider: mostly(fc.constant('OpenAI'), fc.constantFrom('Anthropic', 'Nonsense')), auth }),
);

const credential = object(
  'ProviderCredential',
  fc
    .tuple(account, fc.record({ allowedNamespaces }, { requiredKeys: [] }))
    .map(([who, grant]) => ({ ...who, ...grant })),
);

const aliasName = fc.constantFrom('chat', 'embed', 'team/*', 'team/a', '*');

const target = fc.record(
  {
    credentialRef: ref,
    model: fc.constantFrom('m', 'n'),
    weight: mostly(fc.nat({ max: 2 }), fc.constant(-1)),
    when: selector.map((callers) => ({ callers })),
    shadow: mostly(fc.constant(false), fc.constant(true)),
  },
  { requiredKeys: ['credentialRef', 'model'] },
);

const alias = object(
  'ModelAlias',
  fc.record(
    {
      alias: aliasName,
      targets: mostly<object[]>(fc.array(target, { minLength: 1, maxLength: 3 }), fc.constant([])),
      allowedNamespaces,
    },
    { requiredKeys: ['targets'] },
  ),
);

const keySource = fc.oneof<fc.Arbitrary<object>[]>(
  secretKeyRef.map((secretRef) => ({ secretRef })),
  fc.constantFrom('1', '2', '3').map((digit) => ({ sha256: digit.repeat(64) })),
  name.map((secretName) => ({ generate: { secretName } })),
);

const wishes = fc.record(
  {
    aliases: fc.uniqueArray(fc.oneof(aliasName, fc.constantFrom('te*', 'team/b', 'unknown'))),
    aliasRefs: fc.array(ref, { maxLength: 2 }),
    disabled: fc.boolean(),
  },
  { requiredKeys: [] },
);

const caller = object(
  'CallerKey',
  fc
    .tuple(mostly<object>(keySource, fc.constant({ serviceAccounts: [{ name: 'pod' }] })), wishes)
    .map(([source, rest]) => ({ ...source, ...rest })),
);

const targetRef = fc
  .tuple(
    fc.constantFrom('CallerKey', 'ModelAlias', 'ProviderCredential'),
    fc.oneof(
      name.map((named) => ({ name: named })),
      selector.map((chosen) => ({ selector: chosen })),
    ),
    fc.option(namespace),
  )
  .map(([kind, which, where]) => ({ kind, ...which, ...(where !== null && { namespace: where }) }));

const policy = object(
  'TrafficPolicy',
  fc.record(
    {
      targetRefs: fc.array(targetRef, { maxLength: 3 }),
      limits: mostly<object[]>(
        fc.constant([{ name: 'rpm', requests: 1, per: 'Minute' }]),
        fc.constantFrom([{ name: 'tpm', tokens: 1, per: 'Minute' }], [{ name: 'rpm', requests: 1 }]),
      ),
      timeouts: mostly<object>(
        fc.constant({ total: '1m' }),
        fc.constantFrom({ total: '0s' }, { total: '100h' }),
      ),
    },
    { requiredKeys: [] },
  ),
);

const nonsense = fc.constantFrom<unknown>(null, 7, 'text', [], {}, { kind: 'CallerKey' }, { metadata: 1 });

/** Markers of all values that stand in Secrets: none of them may be seen again where it does not belong. */
export const SECRET_MARKERS = ['PROVIDER-OR-CALLER', 'TOO-SHORT', 'GENERATED'];

const secretData = fc.record(
  {
    first: mostly(
      fc.constantFrom('PROVIDER-OR-CALLER-key-1', 'PROVIDER-OR-CALLER-key-2\n'),
      fc.constant('PROVIDER-OR-CALLER\r\nx'),
    ),
    second: fc.constantFrom('TOO-SHORT', '', 'PROVIDER-OR-CALLER-key-1'),
    MODELGATE_API_KEY: fc.constantFrom('GENERATED-key-number-1', 'GENERATED-key-number-2'),
  },
  { requiredKeys: [] },
);

const generated = fc.record(
  {
    foreign: mostly(fc.constant(false), fc.constant(true)),
    others: fc.constantFrom([], [{ sha256: '4'.repeat(64), expiresAt: 1 }], [{ sha256: '5'.repeat(64) }]),
  },
  { requiredKeys: ['others'] },
);

const SIGNER = { issuer: 'https://cluster.example', audience: 'modelgate', keys: [{ kty: 'EC' as const }] };

const secretId = fc.tuple(namespace, name).map(([ns, named]) => `${ns}/${named}`);

/** Worlds in which much is wrong: few names, so that references, conflicts and mistakes meet. */
export const anyWorld: fc.Arbitrary<Input> = fc.record({
  resources: fc.array(mostly<unknown>(fc.oneof(credential, alias, caller, policy), nonsense), {
    maxLength: 40,
    size: 'max',
  }),
  secrets: fc.dictionary(secretId, secretData, { minKeys: 3, maxKeys: 9 }) as fc.Arbitrary<Input['secrets']>,
  namespaces: fc.dictionary(namespace, labels),
  generated: fc.dictionary(secretId, generated),
  serviceAccounts: fc.option(fc.constant(SIGNER), { nil: undefined }),
  now: fc.constantFrom(0, Date.UTC(2026, 5, 1), Date.UTC(2030, 0, 1)),
});

const spoilt = (kind: string, spec: object): object => ({
  apiVersion,
  kind,
  metadata: { name: 'spoilt', namespace: 'a', creationTimestamp: '2025-01-01T00:00:00Z' },
  spec,
});

const mockTarget = { credentialRef: { name: 'nowhere' }, model: 'm' };

/** Resources with a mistake, to which nothing in `anyWorld` refers; none that keeps a name which others see. */
export const anySpoilt: fc.Arbitrary<object> = fc.constantFrom(
  spoilt('ProviderCredential', { provider: 'Nonsense' }),
  spoilt('ProviderCredential', {
    provider: 'Bedrock',
    auth: { aws: { region: 'r', secretRef: { name: 's' } } },
  }),
  spoilt('ProviderCredential', {
    provider: 'OpenAI',
    auth: { apiKey: { secretRef: { name: 's', key: 'k' } } },
  }),
  spoilt('ModelAlias', { targets: [] }),
  spoilt('ModelAlias', { targets: [mockTarget], routing: { strategy: 'LeastCost' } }),
  spoilt('ModelAlias', { alias: 'chat', targets: [mockTarget], allowedCIDRs: ['10.0.0.0/8'] }),
  spoilt('CallerKey', { sha256: 'no hash' }),
  spoilt('CallerKey', { generate: { secretName: 'spoilt' }, aliases: ['*'] }),
  spoilt('TrafficPolicy', { budgets: [{ name: 'b', usd: '1', per: 'Day' }] }),
  spoilt('TrafficPolicy', { timeouts: { total: 'soon' } }),
  spoilt('Nonsense', {}),
);
