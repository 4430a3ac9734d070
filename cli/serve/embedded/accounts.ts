import { PROVIDERS } from '../../../core/providers/index.ts';
import type { Environment } from '../../yaml/environment.ts';

/** An account at a provider that the environment holds the key of. */
export interface Account {
  /** Aliases of the account are below it: `groq/*`. */
  name: string;
  provider: string;
  baseURL?: string;
  /** What the Secret of the credential holds. */
  secret: Readonly<Record<string, string>>;
  /** `spec.auth` of the credential, which refers to a Secret named like the account. */
  auth: object;
  /** Models that get an alias of their own name. */
  models: readonly string[];
}

interface Kind {
  name: string;
  provider: string;
  /** The variable that shows that there is an account. */
  variable: string;
  baseURL?: string;
  /** A variable that holds the address. */
  baseURLFrom?: string;
  /** Without the address there is no calling it. */
  needsBaseURL?: true;
  models?: readonly string[];
}

const compatible = (name: string, baseURL: string): Kind => ({
  name,
  provider: 'OpenAICompatible',
  variable: `${name.toUpperCase()}_API_KEY`,
  baseURL,
});

const OPENAI_MODELS = [
  'gpt-5',
  'gpt-5-mini',
  'gpt-5-nano',
  'text-embedding-3-small',
  'text-embedding-3-large',
];

const KINDS: readonly Kind[] = [
  {
    name: 'openai',
    provider: 'OpenAI',
    variable: 'OPENAI_API_KEY',
    baseURLFrom: 'OPENAI_BASE_URL',
    models: OPENAI_MODELS,
  },
  {
    name: 'azure',
    provider: 'AzureOpenAI',
    variable: 'AZURE_OPENAI_API_KEY',
    baseURLFrom: 'AZURE_OPENAI_ENDPOINT',
    needsBaseURL: true,
  },
  { name: 'anthropic', provider: 'Anthropic', variable: 'ANTHROPIC_API_KEY' },
  { name: 'gemini', provider: 'Gemini', variable: 'GEMINI_API_KEY' },
  compatible('groq', 'https://api.groq.com/openai/v1'),
  compatible('mistral', 'https://api.mistral.ai/v1'),
  compatible('openrouter', 'https://openrouter.ai/api/v1'),
  compatible('deepseek', 'https://api.deepseek.com/v1'),
  compatible('xai', 'https://api.x.ai/v1'),
  compatible('together', 'https://api.together.xyz/v1'),
];

/** Accounts that are no single key, and need more than this version looks for. */
const OTHER_SIGNS: readonly { variable: string; provider: string }[] = [
  { variable: 'AWS_ACCESS_KEY_ID', provider: 'Bedrock' },
  { variable: 'GOOGLE_APPLICATION_CREDENTIALS', provider: 'VertexAI' },
];

export interface Accounts {
  accounts: readonly Account[];
  remarks: readonly string[];
}

/** The accounts that the environment gives, and what is to be said about those that cannot be used. */
export function findAccounts(environment: Environment): Accounts {
  const accounts: Account[] = [];
  const remarks: string[] = [];
  for (const kind of KINDS) {
    const key = environment[kind.variable];
    if (!key) continue;
    const baseURL = (kind.baseURLFrom !== undefined && environment[kind.baseURLFrom]) || kind.baseURL;
    if (!(kind.provider in PROVIDERS)) remarks.push(notYet(kind.variable));
    else if (kind.needsBaseURL && !baseURL) remarks.push(incomplete(kind));
    else accounts.push(toAccount(kind, key, baseURL));
  }
  const others = OTHER_SIGNS.filter(({ variable }) => environment[variable]);
  return { accounts, remarks: [...remarks, ...others.map(({ variable }) => notYet(variable))] };
}

function toAccount({ name, provider, models = [] }: Kind, key: string, baseURL: string | undefined): Account {
  return {
    name,
    provider,
    ...(baseURL !== undefined && { baseURL }),
    secret: { apiKey: key },
    auth: { apiKey: { secretRef: { name, key: 'apiKey' } } },
    models,
  };
}

function notYet(variable: string): string {
  return `found ${variable}: this version cannot serve it yet`;
}

function incomplete({ variable, baseURLFrom }: Kind): string {
  return `found ${variable}, but not ${baseURLFrom ?? 'its address'}: set it too`;
}
