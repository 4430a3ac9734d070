import type { Credential as CredentialConfig } from '../../core/config/config.ts';
import { PROVIDERS } from '../../core/providers/index.ts';
import type { Provider } from '../../core/providers/provider.ts';
import { KeyRing } from '../health/key-ring.ts';
import { HttpUpstream } from '../upstream/http.ts';
import { InProcessUpstream } from '../upstream/in-process.ts';
import type { Upstream } from '../upstream/upstream.ts';

const USER_AGENT = 'modelgate';

/** A credential made ready: connections, keys in turn, and the headers that each key needs. */
export class Credential {
  readonly id: string;
  readonly config: CredentialConfig;
  readonly provider: Provider;
  readonly upstream: Upstream;
  readonly keys: KeyRing;
  /**
   * Headers of the caller that go upstream: what continues its trace, and what the credential lists. What the
   * credential sets itself it does not take from callers.
   */
  readonly forwarded: readonly string[];
  #users = 0;
  readonly #headers = new Map<string | undefined, readonly string[]>();

  constructor(id: string, config: CredentialConfig) {
    const provider = PROVIDERS[config.provider]!;
    this.id = id;
    this.config = config;
    this.provider = provider;
    this.upstream = answersInProcess(provider)
      ? new InProcessUpstream(provider)
      : new HttpUpstream(config, provider);
    this.keys = new KeyRing(config.keys);
    const set = new Set(Object.keys(config.headers ?? {}).map((name) => name.toLowerCase()));
    const listed = ['traceparent', 'tracestate', ...(config.forwardHeaders ?? [])];
    this.forwarded = listed.filter((name) => !set.has(name));
    for (const key of [undefined, ...config.keys])
      this.#headers.set(key, requestHeaders(provider, config, key));
  }

  /** One more runtime uses it. */
  retain(): void {
    this.#users++;
  }

  /** The last one that lets go closes the connections. */
  release(): void {
    if (--this.#users === 0) void this.upstream.close();
  }

  /** A fresh flat list; more may be added to it. */
  headers(key: string | undefined): string[] {
    return [...this.#headers.get(key)!];
  }
}

function answersInProcess(provider: Provider): provider is Provider & Required<Pick<Provider, 'respond'>> {
  return provider.respond !== undefined;
}

function requestHeaders(provider: Provider, config: CredentialConfig, key: string | undefined): string[] {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: '*/*',
    'user-agent': USER_AGENT,
  };
  for (const [name, value] of Object.entries(config.headers ?? {})) headers[name.toLowerCase()] = value;
  if (key !== undefined) Object.assign(headers, provider.authHeaders(key));
  return Object.entries(headers).flat();
}
