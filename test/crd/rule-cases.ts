import type { Kind } from '../../core/resources/kinds.ts';

/** One rule that goes across fields: by its message, with a spec that keeps it and one that does not. */
export interface RuleCase {
  readonly kind: Kind;
  /** The beginning of the rule's message. */
  readonly message: string;
  readonly accepted: object;
  readonly refused: object;
}

const key = { name: 's', key: 'k' };
const apiKey = { secretRef: key };
const mock = { provider: 'Mock' };
const target = { credentialRef: { name: 'c' }, model: 'm' };
const hash = { sha256: 'a'.repeat(64) };

const credential = (message: string, accepted: object, refused: object): RuleCase => ({
  kind: 'ProviderCredential',
  message,
  accepted: { ...mock, ...accepted },
  refused: { ...mock, ...refused },
});

const alias = (message: string, accepted: object, refused: object): RuleCase => ({
  kind: 'ModelAlias',
  message,
  accepted: { targets: [target], ...accepted },
  refused: { targets: [target], ...refused },
});

const caller = (message: string, accepted: object, refused: object): RuleCase => ({
  kind: 'CallerKey',
  message,
  accepted,
  refused,
});

const policy = (message: string, accepted: object, refused: object): RuleCase => ({
  kind: 'TrafficPolicy',
  message,
  accepted,
  refused,
});

const guardrail = (entry: object): object => ({
  guardrails: [{ name: 'g', applyTo: ['Input'], action: 'Block', ...entry }],
});
const limit = (entry: object): object => ({ limits: [{ name: 'l', ...entry }] });
const budget = (entry: object): object => ({ budgets: [{ name: 'b', usd: '1', per: 'Day', ...entry }] });
const bedrock = (aws: object): object => ({ provider: 'Bedrock', auth: { aws: { region: 'r', ...aws } } });
const vertex = (gcp: object): object => ({
  provider: 'VertexAI',
  auth: { gcp: { project: 'p', location: 'l', ...gcp } },
});
const azure = { tenantId: 't', clientId: 'c', secretRef: key };
const url = 'https://example.test/v1';
const openai = { provider: 'OpenAI', auth: { apiKey } };
const semantic = (more: object): object => ({
  embedAlias: 'e',
  threshold: '0.7',
  routes: [{ name: 'r', examples: ['x'], target: 0 }],
  default: 0,
  ...more,
});
const semanticRouting = (more: object): object => ({
  routing: { strategy: 'Semantic', semantic: semantic(more) },
});
const clamp = (bounds: object): object => ({
  targets: [{ ...target, parameters: { clamp: { temperature: bounds } } }],
});

/** Every rule of every kind that the API server checks, at least once. */
export const RULE_CASES: readonly RuleCase[] = [
  credential(
    'baseURL is required',
    { provider: 'OpenAICompatible', baseURL: url },
    { provider: 'OpenAICompatible' },
  ),
  credential('auth.apiKey is required', openai, { provider: 'OpenAI' }),
  credential(
    'auth is required',
    { provider: 'AzureOpenAI', baseURL: url, auth: { azure } },
    { provider: 'AzureOpenAI', baseURL: url },
  ),
  credential('auth must be absent', {}, { auth: { apiKey } }),
  credential('auth.aws is for', bedrock({ secretRef: { name: 's' } }), {
    ...openai,
    auth: { aws: { region: 'r', secretRef: { name: 's' } } },
  }),
  credential('auth.gcp is for', vertex({ workloadIdentity: {} }), {
    ...openai,
    auth: { gcp: { project: 'p', location: 'l', workloadIdentity: {} } },
  }),
  credential(
    'auth.azure is for',
    { provider: 'AzureOpenAI', baseURL: url, auth: { azure } },
    { ...openai, auth: { azure } },
  ),
  credential('quirks are for', { provider: 'OpenAICompatible', baseURL: url, quirks: {} }, { quirks: {} }),
  credential('set exactly one of apiKey, aws', openai, { ...openai, auth: { apiKey, azure } }),
  credential('set exactly one of secretRef (one key)', openai, { ...openai, auth: { apiKey: {} } }),
  credential(
    'set exactly one of secretRef (static keys)',
    bedrock({ webIdentity: { roleArn: 'a' } }),
    bedrock({}),
  ),
  credential(
    'set exactly one of secretRef (a service',
    vertex({ secretRef: key }),
    vertex({ secretRef: key, workloadIdentity: {} }),
  ),
  credential('authorization, x-api-key', { forwardHeaders: ['x-a'] }, { forwardHeaders: ['Authorization'] }),
  credential(
    'timeout must not be longer than every',
    { healthCheck: { model: 'm', every: '30s', timeout: '30s' } },
    { healthCheck: { model: 'm', every: '30s', timeout: '0.6m' } },
  ),
  credential(
    'must be longer than zero',
    { healthCheck: { model: 'm', every: '1ms' } },
    { healthCheck: { model: 'm', every: '0s' } },
  ),
  credential(
    'selector is required when from is Selector',
    { allowedNamespaces: { from: 'Selector', selector: { matchLabels: {} } } },
    { allowedNamespaces: { from: 'All', selector: { matchLabels: {} } } },
  ),

  alias(
    'targets needs at least one',
    { targets: [target, { ...target, shadow: true }] },
    { targets: [{ ...target, shadow: true }] },
  ),
  alias(
    "a * in a target's model",
    { alias: 'a/*', targets: [{ ...target, model: 'x-*' }] },
    { targets: [{ ...target, model: '*' }] },
  ),
  alias('routing.semantic names a target', semanticRouting({}), semanticRouting({ default: 1 })),
  alias('a * may only stand at the end', { alias: '*' }, { alias: 'a*b' }),
  alias('set min, max or both', clamp({ min: '0' }), clamp({})),
  alias('min must not be greater', clamp({ min: '-1', max: '10' }), clamp({ min: '10', max: '9' })),
  alias(
    'hashOn is required',
    { routing: { strategy: 'ConsistentHash', hashOn: { caller: true } } },
    { routing: { hashOn: { caller: true } } },
  ),
  alias(
    'set exactly one of header, cookie',
    { routing: { strategy: 'ConsistentHash', hashOn: { header: 'x-a' } } },
    { routing: { strategy: 'ConsistentHash', hashOn: { header: 'x-a', caller: true } } },
  ),
  alias(
    'semantic is required for strategy',
    { routing: { strategy: 'Weighted' } },
    { routing: { strategy: 'Semantic' } },
  ),

  caller('set exactly one of generate', hash, { ...hash, secretRef: key }),
  caller(
    'overlap must be shorter',
    { generate: { secretName: 's', rotation: { every: '1h', overlap: '59m' } } },
    { generate: { secretName: 's', rotation: { every: '1h', overlap: '60m' } } },
  ),
  caller('a * may only stand at the end', { ...hash, aliases: ['team/*'] }, { ...hash, aliases: ['*/chat'] }),

  policy(
    'set exactly one of name and selector',
    { targetRefs: [{ kind: 'ModelAlias', name: 'a' }] },
    { targetRefs: [{ kind: 'ModelAlias' }] },
  ),
  policy(
    'set exactly one of requests',
    limit({ requests: 1, per: 'Day' }),
    limit({ requests: 1, tokens: 1, per: 'Day' }),
  ),
  policy('per is required', limit({ concurrent: 1 }), limit({ requests: 1 })),
  policy(
    'downgrade is required',
    budget({ onExceeded: 'Downgrade', downgrade: { alias: 'a' } }),
    budget({ onExceeded: 'Downgrade' }),
  ),
  policy(
    'base must not be longer',
    { retries: { backoff: { base: '1s', max: '1s' } } },
    { retries: { backoff: { base: '2s', max: '1s' } } },
  ),
  policy(
    'openFor must not be longer',
    { circuitBreaker: { openFor: '1m', maxOpenFor: '1m' } },
    { circuitBreaker: { openFor: '1h', maxOpenFor: '1m' } },
  ),
  policy('semantic is required when mode', { cache: { mode: 'Exact' } }, { cache: { mode: 'Semantic' } }),
  policy('patterns is required', guardrail({ kind: 'Regex', patterns: ['a'] }), guardrail({ kind: 'Regex' })),
  policy('entities is required', guardrail({ kind: 'PII', entities: ['Email'] }), guardrail({ kind: 'PII' })),
  policy('url is required', guardrail({ kind: 'Webhook', url }), guardrail({ kind: 'Webhook' })),
  policy(
    'credentialRef is required',
    guardrail({ kind: 'Moderation', credentialRef: { name: 'c' } }),
    guardrail({ kind: 'Moderation' }),
  ),
  policy(
    'timeout and onError are for',
    guardrail({ kind: 'Webhook', url, timeout: '1s' }),
    guardrail({ kind: 'Regex', patterns: ['a'], timeout: '1s' }),
  ),
  policy(
    'action Mask is for',
    guardrail({ kind: 'PII', entities: ['Email'], action: 'Mask' }),
    guardrail({ kind: 'Webhook', url, action: 'Mask' }),
  ),
];
