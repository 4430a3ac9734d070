import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { play } from './play.ts';
import { receive, type Received } from './received.ts';
import { like, type Script } from './script.ts';

/** A provider for tests: speaks OpenAI's wire format, misbehaves as told, remembers everything it received. */
export class Upstream {
  readonly requests: Received[] = [];
  readonly #server: Server;
  readonly #events = new EventEmitter();
  readonly #next: Script[] = [];
  #script: Script = like();
  #port = 0;

  constructor() {
    this.#server = createServer((req, res) => void this.#serve(req, res));
    this.#events.setMaxListeners(0);
  }

  /** A base URL: everything before the endpoint's own path. */
  get url(): string {
    return `${this.origin}/v1`;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Every request from now on is answered so. */
  reply(script: Script): void {
    this.#script = script;
  }

  /** The next requests are answered so, one each; those after them as before. */
  replyOnce(...scripts: Script[]): void {
    this.#next.push(...scripts);
  }

  /** The nth request, counted from 0; waits until it has arrived whole. */
  async request(n = 0): Promise<Received> {
    while (this.requests.length <= n) await once(this.#events, 'request');
    return this.requests[n]!;
  }

  /** Waits until the exchange of the nth request is over, and says how it ended. */
  async closed(n = 0): Promise<'complete' | 'broken'> {
    return (await this.request(n)).closed;
  }

  /** Refuses connections from now on, and drops those it has. */
  async refuse(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Accepts connections, at the same address as before. */
  async accept(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await this.refuse();
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    try {
      const received = await receive(req, res);
      this.requests.push(received);
      this.#events.emit('request');
      const script = this.#next.shift() ?? this.#script;
      await play(script(received), res);
    } catch (error) {
      // A caller that left while it was sending; anything else is a mistake in a script.
      if (!req.errored) res.destroy(error as Error);
    }
  }
}

export async function startUpstream(): Promise<Upstream> {
  const upstream = new Upstream();
  await upstream.accept();
  return upstream;
}
