import type { Dispatcher } from 'undici';
import type { Settings } from '../../core/policy/effective.ts';
import { hasEvent } from '../../core/sse/framer.ts';
import type { ByteSink, ByteStream } from './byte-stream.ts';
import { badAnswer, cancelled, connectionFailure, timeoutFailure, type UpstreamFailure } from './failure.ts';

type Controller = Dispatcher.DispatchController;
type Headers = Record<string, string | string[] | undefined>;

/** A provider's answer: an event stream as it comes from its first event on, anything else whole. */
export interface UpstreamResponse {
  status: number;
  headers: Headers;
  contentType: string;
  body: Buffer | ByteStream;
  /** The first event of a stream, and what else has come with it. */
  beginning?: Buffer;
}

const MAX_WHOLE_BYTES = 256 * 1024 * 1024;
/** An event stream may begin with something that is no event yet; no more of it is held back. */
const MAX_HELD_BYTES = 64 * 1024;

type Phase = 'connect' | 'firstByte' | 'idle';

/** Completes "the provider … within N s". */
const MISSED: Record<Phase, string> = {
  connect: 'did not accept a connection',
  firstByte: 'did not begin to answer',
  idle: 'fell silent and did not go on',
};

/**
 * One request to one provider. It is undici's handler, so that no stream, promise chain or signal is made per
 * chunk. What one read of the socket brings is passed on in one piece.
 */
export class Attempt implements Dispatcher.DispatchHandler, ByteStream {
  /** @throws UpstreamFailure while nothing of the answer has been passed on */
  readonly response: Promise<UpstreamResponse>;
  readonly #resolve: (response: UpstreamResponse) => void;
  readonly #reject: (failure: UpstreamFailure) => void;
  readonly #timeouts: Settings['timeouts'];
  /** Clock of `performance.now()`. */
  readonly #deadline: number;
  #controller: Controller | undefined;
  #status = 0;
  #headers: Headers = {};
  #contentType = '';
  #streaming = false;
  /** The first event of a stream is there: from now on the answer is the caller's. */
  #begun = false;
  /** The caller does not read: the provider's silence is not its own. */
  #paused = false;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #flushing = false;
  #sink: ByteSink | undefined;
  /** Holds the end of a stream that ended before its sink came. */
  #ending: ((sink: ByteSink) => void) | undefined;
  #over = false;
  #phase: Phase = 'connect';
  #expiresAt = 0;
  #firesAt = Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeouts: Settings['timeouts'], deadline: number) {
    const { promise, resolve, reject } = Promise.withResolvers<UpstreamResponse>();
    this.response = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timeouts = timeouts;
    this.#deadline = deadline;
    this.#enter('connect');
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#over) return controller.abort(new Error('given up while connecting'));
    this.#enter('firstByte');
  }

  onResponseStart(_controller: Controller, status: number, headers: Headers): void {
    if (this.#over || status < 200) return;
    this.#status = status;
    this.#headers = headers;
    this.#contentType = String(headers['content-type'] ?? 'application/json');
    this.#streaming = status < 300 && /^text\/event-stream/i.test(this.#contentType);
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') {
      this.#giveUp(
        badAnswer(`answered in the content-encoding "${String(encoding)}", which was not asked for`),
      );
    }
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (this.#over) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (!this.#begun && this.#streaming) this.#beginWithEvent();
    // What follows is once for all that one read of the socket brought.
    if (this.#flushing) return;
    this.#enter('idle');
    if (!this.#streaming) return this.#checkSize();
    this.#flushing = true;
    process.nextTick(() => this.#flush());
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#stop();
    if (!this.#streaming) {
      return this.#respond(this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks));
    }
    if (this.#begun) this.#conclude((sink) => sink.end());
    else this.#reject(connectionFailure(new Error('the stream ended before its first event')));
  }

  onResponseError(_controller: Controller, error: Error): void {
    if (!this.#over) this.#giveUp(connectionFailure(error));
  }

  pipe(sink: ByteSink): void {
    this.#sink = sink;
    this.#flush();
    this.#ending?.(sink);
  }

  pause(): void {
    if (this.#over) return;
    this.#paused = true;
    this.#enter('idle');
    this.#controller?.pause();
  }

  resume(): void {
    if (this.#over) return;
    this.#paused = false;
    this.#enter('idle');
    this.#controller?.resume();
  }

  /** Ends the request at the provider. A sink is told nothing any more. */
  cancel(): void {
    if (this.#over) return;
    this.#stop();
    this.#controller?.abort(new Error('cancelled'));
    this.#reject(cancelled());
  }

  #checkSize(): void {
    if (this.#bytes > MAX_WHOLE_BYTES) this.#giveUp(badAnswer('answered with more than 256 MiB'));
  }

  /** Nothing less can be passed on, so until then the request may still be sent to another provider. */
  #beginWithEvent(): void {
    const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    if (!hasEvent(bytes) && bytes.length < MAX_HELD_BYTES) return;
    this.#begun = true;
    this.#respond(this, bytes);
  }

  #respond(body: Buffer | ByteStream, beginning?: Buffer): void {
    const [status, headers, contentType] = [this.#status, this.#headers, this.#contentType];
    this.#resolve({ status, headers, contentType, body, ...(beginning && { beginning }) });
  }

  #flush(): void {
    this.#flushing = false;
    if (!this.#sink || this.#chunks.length === 0) return;
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#sink.write(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
  }

  #conclude(ending: (sink: ByteSink) => void): void {
    this.#ending = ending;
    if (!this.#sink) return;
    this.#flush();
    ending(this.#sink);
  }

  #giveUp(failure: UpstreamFailure): void {
    this.#stop();
    this.#controller?.abort(failure);
    if (this.#begun) this.#conclude((sink) => sink.fail(failure.shown));
    else this.#reject(failure);
  }

  #stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  /** Moves the time limit. The timer is only touched when it would fire too late. */
  #enter(phase: Phase): void {
    const now = performance.now();
    this.#phase = phase;
    const limit = this.#paused ? Infinity : this.#timeouts[phase];
    this.#expiresAt = Math.min(now + limit, this.#deadline);
    if (this.#firesAt > this.#expiresAt) this.#schedule(now);
  }

  #schedule(now: number): void {
    clearTimeout(this.#timer);
    this.#firesAt = this.#expiresAt;
    this.#timer = setTimeout(() => this.#onTimer(), Math.max(1, this.#expiresAt - now));
  }

  #onTimer(): void {
    const now = performance.now();
    // Timers may fire a little early.
    if (now < this.#expiresAt - 1) return this.#schedule(now);
    const total = this.#expiresAt >= this.#deadline;
    const connecting = this.#controller === undefined;
    if (total) return this.#giveUp(timeoutFailure('did not finish', this.#timeouts.total));
    this.#giveUp(
      timeoutFailure(
        MISSED[this.#phase],
        this.#timeouts[this.#phase],
        connecting ? 'ConnectFailure' : 'Timeout',
      ),
    );
  }
}
