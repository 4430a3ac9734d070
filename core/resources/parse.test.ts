import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { API_VERSION, type Kind, KINDS } from './kinds.ts';
import { parseResource } from './parse.ts';
import { formatPath } from './problem.ts';

const document = (kind: Kind, spec: unknown): object => ({
  apiVersion: API_VERSION,
  kind,
  metadata: { name: 'x', namespace: 'n' },
  spec,
});

const complaints = (input: unknown, strict = true): string[] => {
  const parsed = parseResource(input, { strict });
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`);
};

const target = { credentialRef: { name: 'openai' }, model: 'gpt-5-mini' };
const alias = (more: object): object => document('ModelAlias', { targets: [target], ...more });
const policy = (spec: object): object => document('TrafficPolicy', spec);
const caller = (more: object): object => document('CallerKey', { sha256: 'a'.repeat(64), ...more });
const credential = (more: object): object => document('ProviderCredential', { provider: 'Mock', ...more });

/** Each mistake with the whole of what is said about it. */
const MISTAKES: Readonly<Record<string, readonly [input: unknown, ...said: string[]]>> = {
  'not a document': ['hello', ': must be a map with apiVersion, kind, metadata and spec'],
  'a list of documents': [[], ': must be a map with apiVersion, kind, metadata and spec'],
  'no kind': [
    { apiVersion: API_VERSION },
    'kind: is required: one of ProviderCredential, ModelAlias, CallerKey, TrafficPolicy',
  ],
  'a misspelt kind': [{ kind: 'ModelAlais' }, 'kind: unknown kind "ModelAlais", did you mean "ModelAlias"?'],
  'a strange kind': [
    { kind: 'Deployment' },
    'kind: unknown kind "Deployment": known here are ProviderCredential, ModelAlias, CallerKey, TrafficPolicy',
  ],
  'another version': [
    { apiVersion: 'modelgate.dev/v1', kind: 'ModelAlias' },
    'apiVersion: must be modelgate.dev/v1alpha1',
  ],
  'no spec, no name': [
    { apiVersion: API_VERSION, kind: 'ModelAlias', metadata: {} },
    'metadata.name: is required: give it a string',
    'spec: is required: give it a map',
  ],
  'a misspelt field': [
    alias({ targets: [{ ...target, wieght: 1 }] }),
    'spec.targets[0].wieght: unknown field "wieght", did you mean "weight"?',
  ],
  'a field with the letters swapped': [
    alias({ targets: [{ credentialRef: { name: 'openai' }, modle: 'm' }] }),
    'spec.targets[0].modle: unknown field "modle", did you mean "model"?',
    'spec.targets[0].model: is required: give it a string',
  ],
  'a field in the wrong case': [
    alias({ allowedCidrs: [] }),
    'spec.allowedCidrs: unknown field "allowedCidrs", did you mean "allowedCIDRs"?',
  ],
  'a field from elsewhere': [
    policy({ telemetry: { replicas: 3 } }),
    'spec.telemetry.replicas: unknown field "replicas": known here are captureContent, sampleRate',
  ],
  'a field where none belongs': [
    document('ProviderCredential', {
      provider: 'VertexAI',
      auth: { gcp: { project: 'p', location: 'l', workloadIdentity: { pool: 'x' } } },
    }),
    'spec.auth.gcp.workloadIdentity.pool: unknown field "pool": nothing belongs here',
  ],
  'a misspelt field of metadata': [
    { ...alias({}), metadata: { name: 'x', lables: {} } },
    'metadata.lables: unknown field "lables", did you mean "labels"?',
  ],
  'nothing behind the colon': [
    alias({ targets: [{ ...target, model: null }] }),
    'spec.targets[0].model: is required: give it a string',
  ],
  'a duration in words': [
    policy({ timeouts: { connect: '5 seconds' } }),
    'spec.timeouts.connect: "5 seconds" is not a duration: write it like 5s, 1m30s',
  ],
  'a duration without a unit': [
    policy({ timeouts: { connect: 5 } }),
    'spec.timeouts.connect: must be a string: put it in quotes',
  ],
  'a duration of nothing': [
    policy({ timeouts: { connect: '0s' } }),
    'spec.timeouts.connect: must be longer than zero: write it like 5s, 1m30s',
  ],
  'money without quotes': [
    policy({ budgets: [{ name: 'b', usd: 250, per: 'Month' }] }),
    'spec.budgets[0].usd: must be a string: put it in quotes',
  ],
  'money in another currency': [
    policy({ budgets: [{ name: 'b', usd: '250 EUR', per: 'Month' }] }),
    'spec.budgets[0].usd: "250 EUR" is not an amount of US dollars: write it like "250.00"',
  ],
  'a misspelt word': [
    policy({ mode: 'enforce' }),
    'spec.mode: "enforce" is not allowed, did you mean "Enforce"?',
  ],
  'a word that is none of them': [
    policy({ limits: [{ name: 'l', requests: 1, per: 'Fortnight' }] }),
    'spec.limits[0].per: "Fortnight" is not allowed: known here are Second, Minute, Hour, Day, Week, Month',
  ],
  'a status as a number': [
    policy({ retries: { retryOn: [429] } }),
    'spec.retries.retryOn[0]: must be a string: put it in quotes',
  ],
  'a literal that is not true': [
    alias({ routing: { strategy: 'ConsistentHash', hashOn: { caller: false } } }),
    'spec.routing.hashOn.caller: must be true',
  ],
  'a fraction of a weight': [
    alias({ targets: [{ ...target, weight: 0.5 }] }),
    'spec.targets[0].weight: must be a whole number, not a fraction',
  ],
  'a negative weight': [
    alias({ targets: [{ ...target, weight: -1 }] }),
    'spec.targets[0].weight: must be at least 0',
  ],
  'no target': [alias({ targets: [] }), 'spec.targets: must have at least 1 entry'],
  'too many targets': [
    alias({ targets: Array.from({ length: 17 }, () => target) }),
    'spec.targets: must have at most 16 entries',
  ],
  'too long a text': [
    alias({ description: 'x'.repeat(1025) }),
    'spec.description: must have at most 1024 characters',
  ],
  'a map where a list belongs': [alias({ targets: target }), 'spec.targets: must be a list, not a map'],
  'an address without its range': [
    alias({ allowedCIDRs: ['10.0.0.1'] }),
    'spec.allowedCIDRs[0]: "10.0.0.1" is not a range of addresses: write it like 10.0.0.0/8 or 2001:db8::/32',
  ],
  'the same entry twice': [
    caller({ aliases: ['chat', 'chat'] }),
    'spec.aliases: the same entry stands here twice: remove one',
  ],
  'two limits of one name': [
    policy({
      limits: [
        { name: 'l', requests: 1, per: 'Day' },
        { name: 'l', concurrent: 1 },
      ],
    }),
    'spec.limits: two entries have the same name: give each its own',
  ],
  'too large a map': [
    caller({ attributes: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`a${i}`, 'x'])) }),
    'spec.attributes: must have at most 32 entries',
  ],
  'a header name with a space': [
    credential({ headers: { 'x a': 'y' } }),
    'spec.headers["x a"]: this name must be an HTTP header name: letters, digits and -',
  ],
  'a header that frames the request': [
    credential({ headers: { Host: 'y' } }),
    'spec.headers: connection, content-length, content-type, host, te, transfer-encoding, upgrade are set by the gateway: remove them from headers',
  ],
  'a header of two lines': [
    credential({ headers: { 'x-a': 'y\r\nz: 1' } }),
    'spec.headers.x-a: must be one line of ASCII text',
  ],
  'a password in an address': [
    credential({ baseURL: 'https://user:word@example.test' }),
    'spec.baseURL: must be an https:// or http:// URL without user, password, query and fragment',
  ],
  'another scheme': [
    credential({ baseURL: 'file:///etc/passwd' }),
    'spec.baseURL: must be an https:// or http:// URL without user, password, query and fragment',
  ],
  'a day without an hour': [
    caller({ expiresAt: '2027-01-01' }),
    'spec.expiresAt: must be an instant: write it like "2027-01-01T00:00:00Z"',
  ],
  'a strange scope': [
    policy({ limits: [{ name: 'l', requests: 1, per: 'Day', scope: 'Header' }] }),
    'spec.limits[0].scope: "Header" is not a scope: Caller, Alias, CallerAndAlias, Target, Namespace, Header:<header name> or Attribute:<attribute name>',
  ],
  'two mistakes at once': [
    caller({ disabled: 'no', aliases: 'chat' }),
    'spec.aliases: must be a list, not a string',
    'spec.disabled: must be true or false, not a string',
  ],
};

for (const [name, [input, ...said]] of Object.entries(MISTAKES)) {
  test(`mistake: ${name}`, () => assert.deepEqual(complaints(input).toSorted(), said.toSorted()));
}

test('without strict, unknown fields and nulls are dropped as the API server does', () => {
  const parsed = parseResource(
    {
      ...alias({ description: null, surprise: 1, targets: [{ ...target, colour: 'red' }] }),
      status: { x: 1 },
    },
    { strict: false },
  );
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.resource, alias({}));
});

test('a null in a parameter is a value of its own', () => {
  const targets = [{ ...target, parameters: { set: { stop: null, nested: { a: null } } } }];
  const parsed = parseResource(alias({ targets }), { strict: true });
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.resource.spec, { targets });
});

test('no namespace means default; what a cluster adds to metadata is accepted', () => {
  const metadata = {
    name: 'x',
    uid: 'u',
    generation: 3,
    creationTimestamp: '2026-01-01T00:00:00Z',
    managedFields: [],
  };
  const parsed = parseResource({ ...alias({}), metadata }, { strict: true });
  assert.ok(parsed.ok);
  assert.equal(parsed.resource.metadata.namespace, 'default');
  assert.equal(parsed.resource.metadata.generation, 3);
});

test('a secret in the wrong place is not repeated', () => {
  const secret = 'sk-SECRET/not a name';
  const wrong = [
    credential({ provider: 'OpenAI', auth: { apiKey: secret } }),
    credential({ provider: 'OpenAI', auth: { apiKey: { secretRef: { name: secret, key: secret } } } }),
    credential({ headers: { authorization: `${secret}\n` } }),
    credential({ baseURL: `https://${secret}@example.test` }),
    document('CallerKey', { sha256: secret }),
    document('CallerKey', { secretRef: { name: secret, key: secret } }),
    document('CallerKey', { generate: { secretName: secret } }),
  ];
  for (const input of wrong) {
    const said = complaints(input);
    assert.ok(said.length > 0);
    assert.ok(!said.join().includes('SECRET'), said.join());
  }
});

test('names of Object.prototype are fields like any other', () => {
  const input: unknown = JSON.parse('{"__proto__": {"x": 1}, "constructor": 1, "sha256": 1}');
  const said = complaints(document('CallerKey', input));
  assert.equal(said.filter((line) => line.includes('unknown field')).length, 2);
});

test('any JSON is answered, never thrown at; what is accepted stays as it is', () => {
  const kinds = fc.constantFrom(...KINDS.map(({ kind }) => kind));
  const anything = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(kinds, anything, fc.boolean(), (kind, spec, strict) => {
      const parsed = parseResource(document(kind, spec), { strict });
      if (parsed.ok) assert.deepEqual(parseResource(parsed.resource, { strict: true }), parsed);
    }),
  );
  fc.assert(fc.property(anything, (input) => !parseResource(input, { strict: true }).ok));
});
