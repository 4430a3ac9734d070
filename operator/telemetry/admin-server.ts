import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

export interface AdminOptions {
  host: string;
  port: number;
  registry: Registry;
  /** Whether everything was listed once, so that this process could lead. */
  ready: () => boolean;
}

interface Answer {
  status: number;
  type?: string;
  body: string;
}

/** `/livez`, `/readyz` and `/metrics`: nothing on it changes anything. */
export class AdminServer {
  readonly #options: AdminOptions;
  readonly #server: Server;

  constructor(options: AdminOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** @returns the port */
  async start(): Promise<number> {
    this.#server.listen(this.#options.port, this.#options.host);
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #serve({ method, url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const readOnly = method === 'GET' || method === 'HEAD';
    const {
      status,
      type = 'text/plain; charset=utf-8',
      body,
    } = readOnly ? await this.#answer(url.split('?')[0]!) : { status: 405, body: 'only GET' };
    response.writeHead(status, { 'content-type': type }).end(body);
  }

  async #answer(path: string): Promise<Answer> {
    const { registry, ready } = this.#options;
    switch (path) {
      case '/livez':
        return { status: 200, body: 'ok' };
      case '/readyz':
        return ready() ? { status: 200, body: 'ok' } : { status: 503, body: 'not ready' };
      case '/metrics':
        return { status: 200, type: registry.contentType, body: await registry.metrics() };
      default:
        return { status: 404, body: 'There are /livez, /readyz and /metrics.' };
    }
  }
}
