import type { ServerResponse } from 'node:http';
import { GatewayError } from '../../core/errors.ts';
import type { ByteSink, ByteStream } from '../upstream/byte-stream.ts';
import type { Answer } from './answer.ts';
import type { CallerRequest } from './caller-request.ts';
import { responseHeaders, type Disclosure } from './response-headers.ts';

/** How long an upload that was refused may go on, so that its sender gets to read why. */
const LINGER = 5_000;

/** Bytes. */
const SHORT = 16 * 1024;

export interface Delivery extends Disclosure {
  /** Milliseconds after which a caller that does not read its answer is cut off. */
  blockedFor: number;
}

/** Writes an answer to the caller. */
export function deliver(request: CallerRequest, answer: Answer, delivery: Delivery): void {
  const { res, record } = request;
  if (request.ended || res.writableEnded) {
    if (!Buffer.isBuffer(answer.body)) answer.body.cancel();
    return;
  }
  record.firstByteAfter = performance.now() - request.receivedAt;
  if (!Buffer.isBuffer(answer.body)) {
    record.status = answer.status;
    return stream(request, answer.contentType, answer.body, delivery);
  }
  if (res.headersSent) return endStream(request, answer.status, answer.body, delivery);
  record.status = answer.status;
  const headers = responseHeaders(request, delivery);
  headers.push('content-type', answer.contentType, 'content-length', String(answer.body.length));
  res.writeHead(answer.status, headers);
  // Streams are watched for it by `Heartbeats`. Node closes the connection, and takes the limit back behind the answer.
  if (answer.body.length > SHORT) res.setTimeout(delivery.blockedFor);
  end(res, answer.body);
}

/** A heartbeat has already begun a stream: what came is no stream, and cannot be one any more. */
function endStream(request: CallerRequest, status: number, body: Buffer, disclosure: Disclosure): void {
  const event = status >= 400 ? request.dialect.relayErrorEvent(body) : undefined;
  if (event === undefined) {
    return refuse(request, new GatewayError('upstream_error', 'The provider did not stream.'), disclosure);
  }
  request.record.outcome = 'failed';
  request.res.end(event);
}

/** A short body goes out with its head in one write: Node joins strings, not buffers. Latin-1 keeps every byte. */
function end(res: ServerResponse, body: Buffer): void {
  if (body.length <= SHORT) res.end(body.toString('latin1'), 'latin1');
  else res.end(body);
}

/** Tells the caller what went wrong, in its dialect; as an event when a stream has begun. */
export function refuse(request: CallerRequest, error: GatewayError, disclosure: Disclosure): void {
  const { res, record, dialect } = request;
  if (request.ended || res.writableEnded) return;
  record.error = error.code;
  if (res.headersSent) {
    record.outcome = 'failed';
    res.end(dialect.renderErrorEvent(error));
    return;
  }
  const body = dialect.renderError(error);
  const headers = responseHeaders(request, disclosure);
  headers.push(...errorHeaders(error), 'content-type', 'application/json');
  headers.push('content-length', String(Buffer.byteLength(body)));
  record.status = error.kind.status;
  lingerOnUpload(request);
  res.writeHead(error.kind.status, headers);
  res.end(body);
}

/** `retry-after` is whole seconds; official SDKs read `retry-after-ms` first, and obey `x-should-retry`. */
export function errorHeaders({ kind, details }: GatewayError): string[] {
  const headers = details.headers ? Object.entries(details.headers).flat() : [];
  if (kind.final) headers.push('x-should-retry', 'false');
  if (details.retryAfter === undefined) return headers;
  const ms = Math.ceil(details.retryAfter);
  headers.push('retry-after', String(Math.ceil(ms / 1_000)), 'retry-after-ms', String(ms));
  return headers;
}

/** Node reads and drops the rest of the body; a sender of much, or of nobody knows how much, is cut off in time. */
function lingerOnUpload({ req }: CallerRequest): void {
  if (req.complete || Number(req.headers['content-length'] ?? Infinity) <= SHORT) return;
  // The request may never close: Node forgets one whose connection dies behind its answer.
  const timer = setTimeout(() => req.socket.destroy(), LINGER).unref();
  req.once('close', () => clearTimeout(timer));
}

export function streamHead(request: CallerRequest, contentType: string, disclosure: Disclosure): void {
  const headers = responseHeaders(request, disclosure);
  headers.push('content-type', contentType, 'cache-control', 'no-cache', 'x-accel-buffering', 'no');
  request.res.writeHead(200, headers);
}

function stream(request: CallerRequest, contentType: string, body: ByteStream, disclosure: Disclosure): void {
  if (!request.res.headersSent) streamHead(request, contentType, disclosure);
  body.pipe(new StreamWriter(request, body));
}

/** Passes a stream on as fast as the caller reads, and no faster. */
class StreamWriter implements ByteSink {
  readonly #request: CallerRequest;
  readonly #source: ByteStream;

  constructor(request: CallerRequest, source: ByteStream) {
    this.#request = request;
    this.#source = source;
  }

  write(chunk: Buffer): void {
    const { res } = this.#request;
    const now = performance.now();
    this.#request.lastWriteAt = now;
    if (res.write(chunk) || this.#request.blockedSince !== undefined) return;
    this.#request.blockedSince = now;
    this.#source.pause();
    res.once('drain', () => {
      this.#request.blockedSince = undefined;
      this.#source.resume();
    });
  }

  end(): void {
    this.#request.res.end();
  }

  fail(error: GatewayError): void {
    const { res, record, dialect } = this.#request;
    record.outcome = 'failed';
    record.error = error.code;
    res.end(dialect.renderErrorEvent(error));
  }
}
