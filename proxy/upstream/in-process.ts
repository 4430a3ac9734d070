import type { Dispatcher } from 'undici';
import type { InProcessAnswer, Provider, Step } from '../../core/providers/provider.ts';
import type { Upstream, UpstreamRequest } from './upstream.ts';

type Respond = NonNullable<Provider['respond']>;

/** A provider that answers inside this process, over the same interface as one on the network. */
export class InProcessUpstream implements Upstream {
  readonly #respond: Respond;
  readonly #running = new Set<Playback>();

  constructor(provider: { respond: Respond }) {
    this.#respond = (request) => provider.respond(request);
  }

  send({ endpoint, model, body }: UpstreamRequest, handler: Dispatcher.DispatchHandler): void {
    const playback = new Playback(handler, () => this.#running.delete(playback));
    this.#running.add(playback);
    playback.start(() => this.#respond({ endpoint, model, body }));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map(({ ended }) => ended));
  }
}

/** Plays the steps of an answer to a handler, as a connection would. */
class Playback implements Dispatcher.DispatchController {
  readonly rawHeaders = null;
  readonly rawTrailers = null;
  aborted = false;
  paused = false;
  reason: Error | null = null;
  readonly ended: Promise<void>;
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #end: () => void;
  #steps: Step[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(handler: Dispatcher.DispatchHandler, onEnd: () => void) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#handler = handler;
    this.#end = () => {
      onEnd();
      resolve();
    };
  }

  start(respond: () => InProcessAnswer): void {
    this.#timer = setTimeout(() => {
      this.#handler.onRequestStart?.(this, {});
      if (this.aborted) return;
      const { status, headers, steps } = respond();
      this.#steps = [...steps];
      const firstWait = this.#takeWait();
      this.#after(firstWait, () => {
        this.#handler.onResponseStart?.(this, status, headers, '');
        this.#play();
      });
    }, 0);
  }

  abort(reason: Error): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    clearTimeout(this.#timer);
    this.#end();
    this.#handler.onResponseError?.(this, reason);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.#play();
  }

  #play(): void {
    while (!this.aborted && !this.paused) {
      const step = this.#steps.shift();
      if (!step) return this.#finish();
      if ('wait' in step) return this.#after(step.wait, () => this.#play());
      if ('breakOff' in step) return this.abort(new Error('the connection was closed'));
      this.#handler.onResponseData?.(this, Buffer.from(step.write));
    }
  }

  #finish(): void {
    this.#end();
    this.#handler.onResponseEnd?.(this, {});
  }

  /** The wait before the head is sent: a provider that thinks first is silent altogether. */
  #takeWait(): number {
    const [first] = this.#steps;
    if (!first || !('wait' in first)) return 0;
    this.#steps.shift();
    return first.wait;
  }

  #after(ms: number, then: () => void): void {
    if (ms === 0) return then();
    this.#timer = setTimeout(then, ms);
  }
}
