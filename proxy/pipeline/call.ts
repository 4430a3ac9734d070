import type { IncomingHttpHeaders } from 'node:http';
import type { StreamTap } from '../../core/dialects/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import { EventFramer, EventTooLong } from '../../core/sse/framer.ts';
import { Attempt, type UpstreamResponse } from '../upstream/attempt.ts';
import { statusFailure, type UpstreamFailure } from '../upstream/failure.ts';
import { redact } from '../upstream/redact.ts';
import { asksForUsage, upstreamBody } from '../upstream/request-body.ts';
import { retryAfter } from '../upstream/retry-after.ts';
import type { ByteSink, ByteStream } from '../upstream/byte-stream.ts';
import type { Answer } from './answer.ts';
import type { RoutedExchange } from './exchange.ts';

const ERROR = Buffer.from('"error"');

/**
 * One attempt at one target.
 * @throws UpstreamFailure when it failed before anything of it reached the caller
 */
export async function call(x: RoutedExchange): Promise<Answer> {
  const response = await send(x);
  const { status, contentType, body } = response;
  const failure = failureOf(response, x);
  if (failure) throw failure;
  const { breaker } = x.target.target;
  breaker.answered();
  if (!Buffer.isBuffer(body)) return { status, contentType, body: watched(body, x) };
  breaker.success();
  const usage = status < 400 ? x.request.dialect.readUsage(body) : undefined;
  if (usage) x.request.record.usage = usage;
  // Some report an error with 200.
  const maySayKey = status >= 400 || body.includes(ERROR);
  const { config } = x.target.target.credential;
  return { status, contentType, body: maySayKey ? redact(body, config) : body };
}

/** A stream may begin with an error, after its 200: nothing of it has reached the caller yet. */
function failureOf(response: UpstreamResponse, { request }: RoutedExchange): UpstreamFailure | undefined {
  const { status, headers, body, beginning } = response;
  if (status >= 300) return statusFailure(status, retryAfter(headers, Date.now()));
  const failed = beginning && request.dialect.failedAtOnce(beginning);
  const failure = failed === undefined ? undefined : statusFailure(failed, undefined);
  if (failure && !Buffer.isBuffer(body)) body.cancel();
  return failure;
}

function send(x: RoutedExchange): Promise<UpstreamResponse> {
  const { request, endpoint, parsed, target, model, key } = x;
  const { config, credential } = target.target;
  const { quirks } = credential.config;
  const body = upstreamBody(parsed, { endpoint, model, parameters: config.parameters, quirks });
  const { timeouts } = target.settings;
  const attempt = new Attempt(timeouts, request.receivedAt + timeouts.total);
  request.underWay = attempt;
  credential.upstream.send(
    { endpoint, model, headers: upstreamHeaders(x, credential.headers(key)), body },
    attempt,
  );
  return attempt.response;
}

/** The provider gets our headers, and of the caller's only what continues a trace or what the credential lists. */
function upstreamHeaders({ request, target }: RoutedExchange, headers: string[]): string[] {
  for (const name of target.target.credential.forwarded) {
    const value = request.req.headers[name];
    if (typeof value === 'string' && !endsHere(request.req.headers, name)) setHeader(headers, name, value);
  }
  return headers;
}

function setHeader(headers: string[], name: string, value: string): void {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === name) return void (headers[i + 1] = value);
  }
  headers.push(name, value);
}

/** What the caller's `connection` names is between it and us: https://www.rfc-editor.org/rfc/rfc9110#field.connection */
function endsHere({ connection }: IncomingHttpHeaders, name: string): boolean {
  if (connection === undefined || connection === 'keep-alive') return false;
  return connection.split(',').some((option) => option.trim().toLowerCase() === name);
}

/** The stream on its way to the caller: complete events only, usage read, a silent end told from a clean one. */
function watched(stream: ByteStream, x: RoutedExchange): ByteStream {
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

  constructor(sink: ByteSink, tap: StreamTap, x: RoutedExchange, source: ByteStream) {
    this.#sink = sink;
    this.#tap = tap;
    this.#x = x;
    this.#source = source;
  }

  write(chunk: Buffer): void {
    try {
      const events = this.#framer.push(chunk);
      const passed = events && this.#tap.pass(events);
      if (passed && passed.length > 0) this.#sink.write(this.#tap.failed ? this.#redacted(passed) : passed);
    } catch (error) {
      if (!(error instanceof EventTooLong)) throw error;
      this.#source.cancel();
      this.fail(broken('sent an event without an end'));
    }
  }

  end(): void {
    this.#passUnterminatedEnd();
    this.#readUsage();
    const { complete, failed } = this.#tap;
    if (!complete && !failed) return this.fail(broken('ended the stream in the middle'));
    if (failed) this.#x.request.record.outcome = 'failed';
    this.#x.target.target.breaker.success();
    this.#sink.end();
  }

  fail(error: GatewayError): void {
    // What breaks behind the provider's own end takes nothing away.
    if (this.#tap.complete || this.#tap.failed) return this.end();
    this.#readUsage();
    const { target, settings } = this.#x.target;
    const { circuitBreaker } = settings;
    const reason = error.code === 'upstream_timeout' ? 'Timeout' : 'ConnectFailure';
    if (circuitBreaker.openOn.includes(reason)) target.breaker.failure(performance.now(), circuitBreaker);
    this.#sink.fail(error);
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
