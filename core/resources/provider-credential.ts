import * as z from 'zod';
import { mapOf, setOf } from './collections.ts';
import { durationMs } from './duration.ts';
import type { Metadata } from './metadata.ts';
import { providerAuth } from './provider-auth.ts';
import { allowedNamespaces, secretKeyRef } from './references.ts';
import { type Rule, ruled } from './rules.ts';
import { baseURL, freeText, headerName, headerValue, positiveDuration } from './scalars.ts';

/** The providers a credential can name. One that has no adapter yet is answered `NotSupportedYet` by compile. */
export const PROVIDERS = [
  'OpenAI',
  'Anthropic',
  'Gemini',
  'VertexAI',
  'Bedrock',
  'AzureOpenAI',
  'OpenAICompatible',
  'Mock',
] as const;

export type ProviderName = (typeof PROVIDERS)[number];

/** Names that the gateway decides itself or that carry the caller's identity. */
const OWN_HEADERS = ['authorization', 'x-api-key', 'x-goog-api-key', 'api-key', 'cookie', 'host'];
const FRAMING_HEADERS = [
  'connection',
  'content-length',
  'content-type',
  'host',
  'te',
  'transfer-encoding',
  'upgrade',
];

const headers = ruled(
  mapOf(headerName(), headerValue().describe('Value of the header; one line of ASCII.'), 32).describe(
    'Headers added to every request to the provider, for example OpenAI-Organization. They win over headers of the caller. Headers that frame the request (host, content-length, content-type, connection, transfer-encoding, ...) are refused. A secret belongs in auth, not here: these values are readable by everyone who may read this resource.',
  ),
  {
    message: `${FRAMING_HEADERS.join(', ')} are set by the gateway: remove them from headers`,
    check: (map) => !Object.keys(map).some((name) => FRAMING_HEADERS.includes(name.toLowerCase())),
  },
);

const forwardHeaders = ruled(
  setOf(headerName(), 32).describe(
    'Names of headers that callers send and that may go upstream, in any case, for example x-session-id. Default: none. Headers that carry identity (authorization, x-api-key, cookie, ...) are never forwarded.',
  ),
  {
    rule: `self.all(h, !(h.lowerAscii() in ${JSON.stringify(OWN_HEADERS).replaceAll('"', "'")}))`,
    message: `${OWN_HEADERS.join(', ')} carry a caller's identity and cannot be forwarded: remove them`,
    check: (names) => !names.some((name) => OWN_HEADERS.includes(name.toLowerCase())),
  },
);

const tls = z
  .object({
    caSecretRef: secretKeyRef(
      'PEM certificates of the authorities that are trusted for this provider, in place of the public ones.',
    ).optional(),
    serverName: freeText(253)
      .optional()
      .describe('Name to ask for (SNI) and to check the certificate against. Default: the host of baseURL.'),
    insecureSkipVerify: z
      .boolean()
      .optional()
      .describe(
        'true accepts any certificate: for experiments only, whoever is on the path can read the key. Default false.',
      ),
  })
  .describe('How the connection to the provider is secured. Default: the public certificate authorities.');

const quirks = z
  .object({
    noStreamOptions: z
      .boolean()
      .optional()
      .describe(
        'true when the server refuses stream_options; usage of streams is then estimated. Default false.',
      ),
    stringContentOnly: z
      .boolean()
      .optional()
      .describe(
        'true when message content must be one string: text parts are joined, others refused. Default false.',
      ),
    maxCompletionTokens: z
      .boolean()
      .optional()
      .describe('true when the server wants max_completion_tokens in place of max_tokens. Default false.'),
    reasoningField: freeText(64)
      .optional()
      .describe('Member of a message that holds the reasoning text. Default reasoning_content.'),
  })
  .describe('Where an OpenAI-compatible server differs from OpenAI. Only for provider OpenAICompatible.');

const healthCheck = ruled(
  z
    .object({
      every: positiveDuration().optional().describe('Time between two probes. Default 30s.'),
      timeout: positiveDuration()
        .optional()
        .describe('How long one probe may take; at most every. Default 5s.'),
      model: freeText(256).describe('Model that is asked, by its name at the provider.'),
      prompt: freeText(1024).optional().describe('What is asked. Default ping.'),
      maxTokens: z.int().min(1).max(1024).optional().describe('Longest answer, in tokens. Default 1.'),
    })
    .describe(
      'Probes the provider with a small chat request, whose tokens the provider bills. Default: off; health is then learned from traffic alone.',
    ),
  {
    rule: '!has(self.timeout) || !has(self.every) || duration(self.timeout) <= duration(self.every)',
    message: 'timeout must not be longer than every',
    fieldPath: '.timeout',
    check: ({ timeout, every }) => !timeout || !every || durationMs(timeout) <= durationMs(every),
  },
);

const members = z.object({
  provider: z
    .enum(PROVIDERS)
    .describe(
      'Who is called, and with that the wire format and the way to log in. OpenAICompatible: any server that speaks the OpenAI API (vLLM, Ollama, LM Studio, ...). Mock: answers from the gateway itself, without network and account.',
    ),
  baseURL: baseURL()
    .optional()
    .describe(
      "Everything before the endpoint's own path, for example https://api.openai.com/v1; a trailing slash is tolerated. Default: the provider's public address. Required for OpenAICompatible and AzureOpenAI. https:// or http://, without user, password, query and fragment.",
    ),
  auth: providerAuth.optional(),
  headers: headers.optional(),
  tls: tls.optional(),
  forwardHeaders: forwardHeaders.optional(),
  quirks: quirks.optional(),
  healthCheck: healthCheck.optional(),
  allowedNamespaces: allowedNamespaces(
    'Which namespaces may have ModelAliases and TrafficPolicies that refer to this credential.',
  ).optional(),
});

type Members = z.output<typeof members>;
type AuthMember = keyof NonNullable<Members['auth']>;

/** A rule that one member of auth belongs to one provider. */
const onlyFor = (member: AuthMember, provider: ProviderName): Rule<Members> => ({
  rule: `!has(self.auth) || !has(self.auth.${member}) || self.provider == '${provider}'`,
  message: `auth.${member} is for provider ${provider} only: use another member of auth`,
  fieldPath: '.auth',
  check: ({ auth, provider: actual }) => auth?.[member] === undefined || actual === provider,
});

const NEEDS_URL: readonly ProviderName[] = ['OpenAICompatible', 'AzureOpenAI'];
const NEEDS_API_KEY: readonly ProviderName[] = ['OpenAI', 'Anthropic', 'Gemini'];
const NEEDS_AUTH: readonly ProviderName[] = ['VertexAI', 'Bedrock', 'AzureOpenAI'];
const celList = (names: readonly string[]): string => `[${names.map((name) => `'${name}'`).join(', ')}]`;

/** What a ProviderCredential says. */
export const providerCredentialSpec = ruled(
  members.describe('Who is called, where, and with which secret.'),
  {
    rule: `!(self.provider in ${celList(NEEDS_URL)}) || has(self.baseURL)`,
    message: `baseURL is required for provider ${NEEDS_URL.join(' and ')}: give the address up to and including /v1`,
    fieldPath: '.baseURL',
    check: ({ provider, baseURL: url }) => !NEEDS_URL.includes(provider) || url !== undefined,
  },
  {
    rule: `!(self.provider in ${celList(NEEDS_API_KEY)}) || (has(self.auth) && has(self.auth.apiKey))`,
    message: `auth.apiKey is required for provider ${NEEDS_API_KEY.join(', ')}: refer to a Secret that holds the key`,
    fieldPath: '.auth',
    check: ({ provider, auth }) => !NEEDS_API_KEY.includes(provider) || auth?.apiKey !== undefined,
  },
  {
    rule: `!(self.provider in ${celList(NEEDS_AUTH)}) || has(self.auth)`,
    message: `auth is required for provider ${NEEDS_AUTH.join(', ')}`,
    fieldPath: '.auth',
    check: ({ provider, auth }) => !NEEDS_AUTH.includes(provider) || auth !== undefined,
  },
  {
    rule: "self.provider != 'Mock' || !has(self.auth)",
    message: 'auth must be absent for provider Mock: it has no account',
    fieldPath: '.auth',
    check: ({ provider, auth }) => provider !== 'Mock' || auth === undefined,
  },
  onlyFor('aws', 'Bedrock'),
  onlyFor('gcp', 'VertexAI'),
  onlyFor('azure', 'AzureOpenAI'),
  {
    rule: "!has(self.quirks) || self.provider == 'OpenAICompatible'",
    message: 'quirks are for provider OpenAICompatible only: remove them',
    fieldPath: '.quirks',
    check: ({ provider, quirks: set }) => set === undefined || provider === 'OpenAICompatible',
  },
);

export type ProviderCredentialSpec = z.output<typeof providerCredentialSpec>;

/** Credentials and address of one account at one provider. Platform teams own it; applications never see it. */
export interface ProviderCredential {
  apiVersion: 'modelgate.dev/v1alpha1';
  kind: 'ProviderCredential';
  metadata: Metadata;
  spec: ProviderCredentialSpec;
}
