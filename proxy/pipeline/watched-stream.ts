import type { StreamTap } from '../../core/dialects/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import { EventFramer, EventTooLong } from '../../core/sse/framer.ts';
import { defect } from '../edge/defect.ts';
import type { ByteSink, ByteStream } from '../upstream/byte-stream.ts';
import { redact } from '../upstream/redact.ts';
import { asksForUsage } from '../upstream/request-body.ts';
import type { RoutedExchange } from './exchange.ts';

/** The stream on its way to the caller: complete events only, usage read, a silent end told from a clean one. */
export function watched(stream: ByteStream, x: RoutedExchange): ByteStream {
  const { request, endpoint, parsed, target } = x;
  const { credential } = target.target;
  const hideUsage = asksForUsage(parsed, endpoint, credential.config.quirks);
  return {
    pipe: (sink) => stream.pipe(new WatchedSink(sink, request.dialect.tapStream(hideUsage), x, stream)),
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    cancel: () => stream.cancel(),
  };
}

const BLANK_LINE = Buffer.from('\n\n');

class WatchedSink implements ByteSink {
  readonly #sink: ByteSink;
  readonly #tap: StreamTap;
  readonly #x: RoutedExchange;
  readonly #source: ByteStream;
  readonly #framer = new EventFramer();
  /** The caller was told that it ends here, whatever still comes. */
  #over = false;

  constructor(sink: ByteSink, tap: StreamTap, x: RoutedExchange, source: ByteStream) {
    this.#sink = sink;
    this.#tap = tap;
    this.#x = x;
    this.#source = source;
  }

  write(chunk: Buffer): void {
    if (this.#over) return;
    try {
      const events = this.#framer.push(chunk);
      const passed = events && this.#tap.pass(events);
      if (passed && passed.length > 0) this.#sink.write(this.#tap.failed ? this.#redacted(passed) : passed);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  end(): void {
    if (this.#over) return;
    try {
      this.#end();
    } catch (error) {
      this.#giveUp(error);
    }
  }

  fail(error: GatewayError): void {
    if (this.#over) return;
    try {
      this.#fail(error);
    } catch (defective) {
      this.#giveUp(defective);
    }
  }

  #end(): void {
    this.#passUnterminatedEnd();
    this.#readUsage();
    const { complete, failed } = this.#tap;
    if (!complete && !failed) return this.#fail(broken('ended the stream in the middle'));
    if (failed) this.#x.request.record.outcome = 'failed';
    this.#x.target.target.breaker.success();
    this.#sink.end();
  }

  #fail(error: GatewayError): void {
    // What breaks behind the provider's own end takes nothing away.
    if (this.#tap.complete || this.#tap.failed) return this.#end();
    this.#readUsage();
    const { target, settings } = this.#x.target;
    const { circuitBreaker } = settings;
    const reason = error.code === 'upstream_timeout' ? 'Timeout' : 'ConnectFailure';
    if (circuitBreaker.openOn.includes(reason)) target.breaker.failure(performance.now(), circuitBreaker);
    this.#x.request.record.attempts.at(-1)!.failure = reason;
    this.#sink.fail(error);
  }

  /** Nobody awaits a stream: what is thrown in here would end the process, and all other streams with it. */
  #giveUp(error: unknown): void {
    this.#over = true;
    this.#source.cancel();
    if (error instanceof EventTooLong) return this.#fail(broken('sent an event without an end'));
    const { request, target } = this.#x;
    request.defect = error;
    target.target.breaker.abandoned();
    try {
      this.#sink.fail(defect(error));
    } catch {
      request.res.destroy();
    }
  }

  /** Some providers end without the blank line behind their last event. */
  #passUnterminatedEnd(): void {
    const { rest } = this.#framer;
    if (rest.length === 0 || this.#tap.complete) return;
    const passed = this.#tap.pass(Buffer.concat([rest, BLANK_LINE]));
    if (this.#tap.complete) this.#sink.write(passed);
  }

  #redacted(events: Buffer): Buffer {
    return redact(events, this.#x.target.target.credential.config);
  }

  #readUsage(): void {
    if (this.#tap.usage) this.#x.request.record.usage = this.#tap.usage;
  }
}

function broken(what: string): GatewayError {
  return new GatewayError('upstream_error', `The provider ${what}.`);
}
