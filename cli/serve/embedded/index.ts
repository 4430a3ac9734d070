import type { Loaded } from '../../yaml/load.ts';
import type { Environment } from '../../yaml/environment.ts';
import type { Source } from '../source.ts';
import { findAccounts, type Account } from './accounts.ts';
import { findLocalServers, type LocalServer } from './local-servers.ts';
import { aliasOf, credentialOf, everythingOf, localKey, type Manifest } from './manifests.ts';
import { mockModels } from './mock-models.ts';

/** What is served when nobody says what: accounts of the environment, local model servers, mock models, one key. */
export async function embeddedSource(environment: Environment): Promise<Source> {
  const { accounts, remarks } = findAccounts(environment);
  const servers = await findLocalServers();
  const resources = [
    ...accounts.flatMap(accountManifests),
    ...servers.flatMap(serverManifests),
    ...mockModels(),
    localKey(),
  ];
  const secrets = Object.fromEntries(accounts.map(({ name, secret }) => [`default/${name}`, secret]));
  return {
    description: 'embedded default',
    paths: [],
    load: async () => inMemory(resources, secrets),
    remarks: [...accounts.map(accountRemark), ...servers.map(serverRemark), ...remarks],
  };
}

function accountManifests({ name, provider, baseURL, auth, models }: Account): Manifest[] {
  return [
    credentialOf(name, { provider, auth, ...(baseURL !== undefined && { baseURL }) }),
    everythingOf(name),
    ...models.map((model) => aliasOf(model, model, name, [{ model }])),
  ];
}

function serverManifests({ name, baseURL, models }: LocalServer): Manifest[] {
  return [
    credentialOf(name, { provider: 'OpenAICompatible', baseURL }),
    everythingOf(name),
    ...models.map((model, i) => aliasOf(`${name}-${i}`, `${name}/${model}`, name, [{ model }])),
  ];
}

function accountRemark({ name, provider }: Account): string {
  return `found an account at ${provider}: ${name}/* leads to it`;
}

function serverRemark({ name, baseURL, models }: LocalServer): string {
  return `found ${name} at ${baseURL}: ${name}/* leads to its ${models.length} models`;
}

function inMemory(resources: unknown[], secrets: Loaded['secrets']): Loaded {
  return {
    resources,
    secrets,
    namespaces: {},
    problems: [],
    faulty: new Set(),
    foreign: 0,
    where: () => ({}),
  };
}
