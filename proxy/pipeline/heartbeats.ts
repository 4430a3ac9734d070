import type { CallerRequest } from './caller-request.ts';
import { streamHead } from './deliver.ts';
import type { InFlight } from './in-flight.ts';
import type { Disclosure } from './response-headers.ts';

const TICK = 1_000;

export interface HeartbeatOptions {
  /** Milliseconds of silence after which a stream gets a sign of life. */
  every: number;
  /** Milliseconds after which a caller that does not read is cut off. */
  blockedFor: number;
}

/**
 * Keeps silent streams alive: clients give up after minutes without a byte, and models may think for longer. The
 * first heartbeat may go out before any provider has answered; fail-over is still possible then.
 */
export class Heartbeats {
  readonly #options: HeartbeatOptions;
  readonly #disclosure: Disclosure;
  readonly #requests: InFlight;
  readonly #timer: NodeJS.Timeout;

  constructor(options: HeartbeatOptions, disclosure: Disclosure, requests: InFlight) {
    this.#requests = requests;
    this.#options = options;
    this.#disclosure = disclosure;
    this.#timer = setInterval(() => this.#tick(performance.now()), Math.min(TICK, options.every / 2)).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(now: number): void {
    for (const request of this.#requests) {
      const { awaitsStream, blockedSince } = request;
      if (!awaitsStream) continue;
      if (blockedSince !== undefined) {
        if (now - blockedSince > this.#options.blockedFor) request.res.destroy();
      } else if (now - request.lastWriteAt >= this.#options.every) this.#beat(request, now);
    }
  }

  #beat(request: CallerRequest, now: number): void {
    const { res, dialect } = request;
    if (res.writableEnded) return;
    if (!res.headersSent) {
      request.record.status = 200;
      streamHead(request, 'text/event-stream; charset=utf-8', this.#disclosure);
    }
    request.lastWriteAt = now;
    res.write(dialect.heartbeat);
  }
}
