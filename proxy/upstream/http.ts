import { Pool, type Dispatcher } from 'undici';
import type { Credential } from '../../core/config/config.ts';
import { Egress } from '../../core/net/egress.ts';
import type { Endpoint, Provider } from '../../core/providers/provider.ts';
import { guardedConnector } from './connect.ts';
import type { Upstream, UpstreamRequest } from './upstream.ts';

/** Below the 30 s and more after which providers close idle connections. */
const IDLE_CONNECTION = 20_000;
const MAX_CONNECT = 60_000;
const MAX_CACHED_PATHS = 1_000;

/** A provider at an address, over HTTP/1.1. Redirects are never followed: a dispatcher does not. */
export class HttpUpstream implements Upstream {
  readonly #pool: Pool;
  readonly #provider: Provider;
  readonly #base: URL;
  readonly #paths = new Map<string, string>();

  constructor(credential: Credential, provider: Provider) {
    this.#provider = provider;
    this.#base = new URL(credential.baseURL ?? provider.defaultBaseURL!);
    this.#pool = new Pool(this.#base.origin, {
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: IDLE_CONNECTION,
      // Both are watched per attempt, with the timeouts of its policy.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: guardedConnector(new Egress(credential.egress), {
        allowH2: false,
        timeout: MAX_CONNECT,
        ...tlsOptions(credential),
      }),
    });
  }

  send({ endpoint, model, headers, body }: UpstreamRequest, handler: Dispatcher.DispatchHandler): void {
    this.#pool.dispatch({ path: this.#path(endpoint, model), method: 'POST', headers, body }, handler);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #path(endpoint: Endpoint, model: string): string {
    const key = `${endpoint} ${model}`;
    const known = this.#paths.get(key);
    if (known !== undefined) return known;
    const { pathname, search } = this.#provider.requestURL(this.#base, endpoint, model);
    // A wildcard alias lets callers choose part of the name.
    if (this.#paths.size >= MAX_CACHED_PATHS) this.#paths.clear();
    this.#paths.set(key, pathname + search);
    return pathname + search;
  }
}

function tlsOptions({ tls }: Credential): object {
  return {
    ...(tls?.ca !== undefined && { ca: tls.ca }),
    ...(tls?.serverName !== undefined && { servername: tls.serverName }),
    ...(tls?.insecureSkipVerify === true && { rejectUnauthorized: false }),
  };
}
