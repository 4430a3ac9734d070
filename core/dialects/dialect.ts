import type { Usage } from '../chat/usage.ts';
import type { GatewayError } from '../errors.ts';
import type { Member } from '../json/scan.ts';

/** What the gateway decides on, read from a request's body in one pass. */
export interface ParsedRequest {
  bytes: Buffer;
  members: readonly Member[];
  /** As the caller wrote it. */
  model: string;
  stream: boolean;
  /** The caller asked for usage at the end of the stream. */
  wantsUsage: boolean;
}

/** Watches the events of one stream on their way to the caller. */
export interface StreamTap {
  /** Complete events in, what the caller gets out. */
  pass(events: Buffer): Buffer;
  readonly usage: Usage | undefined;
  /** The provider said that this is all. A stream that ends before is broken. */
  readonly complete: boolean;
  /** The provider reported an error inside the stream. */
  readonly failed: boolean;
}

/** A wire format, as callers and providers speak it. */
export interface Dialect {
  /** @throws GatewayError 400 */
  parseRequest(bytes: Buffer): ParsedRequest;
  /** The body of an error answer. */
  renderError(error: GatewayError): string;
  /** The event that ends a broken stream. */
  renderErrorEvent(error: GatewayError): string;
  /** An error answer of a provider as the event that ends a stream; undefined when it is none of this dialect. */
  relayErrorEvent(body: Buffer): string | undefined;
  /**
   * Whether a stream begins with an error: the provider has failed with 200 already sent.
   * @returns the HTTP status that it would have had
   */
  failedAtOnce(beginning: Buffer): number | undefined;
  /** What keeps a silent stream alive and no client shows. */
  heartbeat: string;
  /** Usage from a whole answer; undefined when it has none. */
  readUsage(body: Buffer): Usage | undefined;
  /** @param hideUsage the gateway asked for usage, the caller did not: take that event out */
  tapStream(hideUsage: boolean): StreamTap;
}
