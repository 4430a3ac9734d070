import * as z from 'zod';

/**
 * What proxies read: the contract between whoever compiles resources and whoever serves requests.
 * It knows neither side: no resource kinds, no conditions, no sockets. Durations are milliseconds,
 * instants are milliseconds since the epoch, sizes are bytes, money is a decimal string in USD.
 *
 * An `Id` is `namespace/name`. Records are keyed by it, so that one changed object changes one entry.
 */
export const CONFIG_VERSION = 1;

const Id = z.string();
const PolicyIds = z.array(Id).readonly();

const Tls = z.strictObject({
  ca: z.string().optional().describe('PEM of the certificate authority'),
  serverName: z.string().optional(),
  insecureSkipVerify: z.boolean().optional(),
});

const Quirks = z.strictObject({
  noStreamOptions: z.boolean().optional(),
  stringContentOnly: z.boolean().optional(),
  maxCompletionTokens: z.boolean().optional(),
  reasoningField: z.string().optional(),
});

/** Where upstreams may be; absent: at public addresses only. */
const Egress = z.strictObject({
  allowPrivate: z.boolean().describe('also on this machine and in private networks'),
  deniedCIDRs: z.array(z.string()).readonly().describe('never called'),
});

const Credential = z.strictObject({
  provider: z.string().describe('a key of core/providers'),
  baseURL: z.string().optional(),
  keys: z.array(z.string()).readonly().describe('provider keys: secret'),
  headers: z.record(z.string(), z.string()).optional().describe('sent upstream with every request'),
  forwardHeaders: z
    .array(z.string())
    .readonly()
    .optional()
    .describe('lower-case names a caller may send through'),
  tls: Tls.optional(),
  quirks: Quirks.optional(),
  egress: Egress.optional(),
  policies: PolicyIds.optional().describe('policies that name this credential, oldest first'),
});

const Bounds = z.strictObject({ min: z.number().optional(), max: z.number().optional() });

const Parameters = z.strictObject({
  set: z.record(z.string(), z.json()).optional(),
  default: z.record(z.string(), z.json()).optional(),
  drop: z.array(z.string()).readonly().optional(),
  rename: z.record(z.string(), z.string()).optional(),
  clamp: z.record(z.string(), Bounds).optional(),
});

const Pricing = z.strictObject({
  inputPerMillion: z.string().optional(),
  outputPerMillion: z.string().optional(),
  cachedInputPerMillion: z.string().optional(),
});

const When = z.strictObject({
  headers: z
    .record(z.string(), z.string())
    .optional()
    .describe('lower-case name to exact value; all must match'),
  callerLabels: z.record(z.string(), z.string()).optional().describe('labels of the caller; all must match'),
});

const Target = z.strictObject({
  credential: Id,
  model: z.string().describe("the upstream's name; a * stands for what a wildcard alias matched"),
  weight: z.int().min(0).describe('0 = drained'),
  priority: z.int().min(0).describe('lower first'),
  when: When.optional(),
  parameters: Parameters.optional(),
  pricing: Pricing.optional(),
});

const Alias = z.strictObject({
  name: z.string().describe('what callers send as "model"; may end in *'),
  namespace: z.string(),
  description: z.string().optional(),
  createdAt: z.int().describe('for the "created" field of a model listing'),
  targets: z
    .array(Target)
    .readonly()
    .describe('in the order they were written; none: every request is answered with an error'),
  routing: z.strictObject({
    strategy: z.string().describe('a key of core/strategies'),
    whenAllUnhealthy: z.enum(['TryLeastBad', 'Fail']),
  }),
  policies: PolicyIds.optional().describe('policies that name this alias, oldest first'),
});

/** One row of an access table: a model name or trailing-* pattern, and the alias it leads to. */
const Grant = z.strictObject({ match: z.string(), alias: Id });

const Key = z.strictObject({
  sha256: z.string().describe('lower-case hex'),
  expiresAt: z.int().optional().describe('this key only; a rotation gives the old one some overlap'),
});

/** A public key (RFC 7517). Nothing of a private or shared one has a place here. */
export const PublicKey = z.strictObject({
  kty: z.enum(['RSA', 'EC', 'OKP']),
  kid: z.string().optional(),
  alg: z.string().optional(),
  n: z.string().optional(),
  e: z.string().optional(),
  crv: z.string().optional(),
  x: z.string().optional(),
  y: z.string().optional(),
});

/** Who signs tokens that are as good as a key. */
const Issuer = z.strictObject({
  audience: z.string().describe('tokens for anybody else are refused'),
  keys: z.array(PublicKey).readonly(),
});

const Subject = z.strictObject({ issuer: z.string(), subject: z.string() });

const Caller = z.strictObject({
  namespace: z.string(),
  name: z.string(),
  keys: z.array(Key).readonly(),
  subjects: z.array(Subject).readonly().optional().describe('whose tokens are a key of this caller'),
  access: z.string().describe('key of `access`'),
  disabled: z.literal(true).optional(),
  expiresAt: z.int().optional(),
  attributes: z.record(z.string(), z.string()).optional(),
  labels: z
    .record(z.string(), z.string())
    .optional()
    .describe('only labels that some target condition reads'),
  policies: PolicyIds.optional().describe('policies that name this caller, oldest first'),
});

const Namespace = z.strictObject({
  visible: z.string().describe('key of `access`: every alias that callers of this namespace may know of'),
  policies: PolicyIds.optional().describe(
    'policies without targets: they hold for every alias of this namespace',
  ),
});

export const PERIODS = ['Second', 'Minute', 'Hour', 'Day', 'Week', 'Month'] as const;

const Limit = z.strictObject({
  name: z.string(),
  counts: z.enum(['Requests', 'Concurrent']),
  max: z.int().min(0),
  per: z.enum(PERIODS).optional().describe('absent for Concurrent'),
  scope: z
    .string()
    .describe('Caller | Alias | CallerAndAlias | Target | Namespace | Header:<name> | Attribute:<name>'),
});

export const FAILURES = ['ConnectFailure', 'Timeout', '401', '403', '408', '429', '5xx'] as const;
const Failures = z.array(z.enum(FAILURES)).readonly();

const Policy = z.strictObject({
  namespace: z.string().describe('it governs requests to aliases, or by callers, of this namespace only'),
  name: z.string(),
  mode: z.enum(['Enforce', 'Monitor']),
  limits: z.array(Limit).readonly().optional(),
  timeouts: z
    .strictObject({
      connect: z.int().optional(),
      firstByte: z.int().optional(),
      idle: z.int().optional(),
      total: z.int().optional(),
    })
    .optional(),
  retries: z
    .strictObject({
      attempts: z.int().optional(),
      retryOn: Failures.optional(),
      backoffBase: z.int().optional(),
      backoffMax: z.int().optional(),
      budgetPercent: z.int().optional(),
    })
    .optional(),
  circuitBreaker: z
    .strictObject({
      failures: z.int().optional(),
      window: z.int().optional(),
      openFor: z.int().optional(),
      maxOpenFor: z.int().optional(),
      openOn: Failures.optional(),
    })
    .optional(),
  cache: z
    .strictObject({
      mode: z.enum(['Exact']),
      ttl: z.int(),
      scope: z.enum(['Caller', 'Namespace', 'Alias']).describe('who shares answers'),
    })
    .optional(),
  request: z.strictObject({ maxBodyBytes: z.int().optional() }).optional(),
});

export const Config = z.strictObject({
  version: z.literal(CONFIG_VERSION),
  revision: z.string().describe('hash of everything else; equal configurations have equal revisions'),
  credentials: z.record(Id, Credential),
  aliases: z.record(Id, Alias),
  access: z
    .record(z.string(), z.array(Grant).readonly())
    .describe('tables shared by callers with equal rights'),
  namespaces: z.record(z.string(), Namespace),
  callers: z.record(Id, Caller),
  policies: z.record(Id, Policy),
  issuers: z
    .record(z.string(), Issuer)
    .optional()
    .describe('by the exact value of "iss"; those that some caller names'),
});

export type Config = z.infer<typeof Config>;
export type Credential = z.infer<typeof Credential>;
export type Parameters = z.infer<typeof Parameters>;
export type Target = z.infer<typeof Target>;
export type Alias = z.infer<typeof Alias>;
export type Grant = z.infer<typeof Grant>;
export type PublicKey = z.infer<typeof PublicKey>;
export type Issuer = z.infer<typeof Issuer>;
export type Caller = z.infer<typeof Caller>;
export type Namespace = z.infer<typeof Namespace>;
export type Limit = z.infer<typeof Limit>;
export type Period = (typeof PERIODS)[number];
export type Failure = (typeof FAILURES)[number];
export type Policy = z.infer<typeof Policy>;
