import { CALLER_KEY, sha256 } from '../gateway/config.ts';

type Fields = Record<string, unknown>;

export interface Sketch {
  /** Base URLs by the name of their credential, in order. */
  upstreams: Record<string, string>;
  /** Further fields of every ProviderCredential. */
  credential?: Fields;
  /** Default: `gpt-5-mini` at each credential. A target names its credential as `at`. */
  targets?: Fields[];
  /** Further fields of the ModelAlias `chat`. */
  alias?: Fields;
  /** Spec of a TrafficPolicy for the whole namespace. */
  policy?: Fields;
  /** Further fields of the CallerKey `app`, which may use every alias of its namespace. */
  caller?: Fields;
  more?: Fields[];
}

/** A platform in the namespace `team`, as YAML (JSON is YAML): one document for each resource. */
export function resources({ upstreams, credential = {}, policy, more = [], ...rest }: Sketch): string {
  const names = Object.keys(upstreams);
  const { alias = {}, targets = names.map((at) => ({ at })), caller = {} } = rest;
  const documents = [
    ...names.flatMap((name) => providerCredential(name, { baseURL: upstreams[name], ...credential })),
    modelAlias('chat', targets, alias),
    callerKey('app', CALLER_KEY, caller),
    ...(policy ? [trafficPolicy('rules', policy)] : []),
    ...more,
  ];
  return documents.map((document) => JSON.stringify(document)).join('\n---\n');
}

/** The key that the upstream behind this credential must see. */
export function providerKey(credential: string): string {
  return `sk-${credential}-provider-key-0123456789`;
}

/** A credential and the Secret that it refers to. */
export function providerCredential(name: string, spec: Fields): Fields[] {
  const auth = { apiKey: { secretRef: { name, key: 'apiKey' } } };
  return [
    secret(name, { apiKey: providerKey(name) }),
    resource('ProviderCredential', name, { provider: 'OpenAICompatible', auth, ...spec }),
  ];
}

export function secret(name: string, stringData: Record<string, string>): Fields {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'team' }, stringData };
}

/** `at` of a target is the name of its credential. */
export function modelAlias(name: string, targets: readonly Fields[], spec: Fields = {}): Fields {
  const full = targets.map(({ at, ...target }) => ({
    credentialRef: { name: at },
    model: 'gpt-5-mini',
    ...target,
  }));
  return resource('ModelAlias', name, { targets: full, ...spec });
}

export function callerKey(name: string, key: string, { labels, ...spec }: Fields = {}): Fields {
  return resource('CallerKey', name, { sha256: sha256(key), aliases: ['*'], ...spec }, { labels });
}

export function trafficPolicy(name: string, spec: Fields): Fields {
  return resource('TrafficPolicy', name, spec);
}

function resource(kind: string, name: string, spec: Fields, metadata: Fields = {}): Fields {
  const apiVersion = 'modelgate.dev/v1alpha1';
  return { apiVersion, kind, metadata: { name, namespace: 'team', ...metadata }, spec };
}
