import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dialect } from '../../core/dialects/dialect.ts';
import type { Outcome, RequestRecord } from './request-record.ts';

/** Flat list of names and values, as `ServerResponse.writeHead` takes it. */
export type HeaderList = string[];

/** What nginx logs when a caller leaves before it got an answer. */
const CLIENT_CLOSED_REQUEST = 499;

interface Origin {
  id: string;
  /** For the record: `chat/completions`, `models`, `unknown`. */
  endpoint: string;
  dialect: Dialect;
  revision: string;
  req: IncomingMessage;
  res: ServerResponse;
}

/**
 * One request from the moment it came in, before anybody knows who sent it. Whoever wants to know how it ends
 * registers here: also a 401 ends, and a stream ends long after its stage has returned.
 */
export class CallerRequest {
  readonly id: string;
  readonly dialect: Dialect;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly receivedAt = performance.now();
  readonly record: RequestRecord;
  /** Response headers that stages add. */
  readonly headers: HeaderList = [];
  /** When something was last written, on the clock of `performance.now()`. */
  lastWriteAt = this.receivedAt;
  /** Since when the caller does not read what was written; undefined while it does. */
  blockedSince: number | undefined;
  /** Nobody waits for the answer any more: the caller has left, or was told that there will be none. */
  givenUp = false;
  /** The last byte has gone, or will never go. */
  ended = false;
  readonly #onFinish: ((record: RequestRecord) => void)[] = [];
  #cancel: (() => void) | undefined;

  constructor({ id, endpoint, dialect, revision, req, res }: Origin) {
    this.id = id;
    this.dialect = dialect;
    this.req = req;
    this.res = res;
    this.record = {
      endpoint,
      revision,
      stream: false,
      attempts: [],
      wouldHave: [],
      status: 0,
      outcome: 'complete',
      duration: 0,
    };
  }

  /** Listeners run once, in order, when the last byte has gone or will never go. */
  onFinish(listener: (record: RequestRecord) => void): void {
    this.#onFinish.push(listener);
  }

  /** What to do when the request is given up: what is under way says so. The latest wins. */
  set cancelWith(cancel: () => void) {
    this.#cancel = cancel;
    if (this.givenUp) cancel();
  }

  cancel(): void {
    this.givenUp = true;
    this.#cancel?.();
  }

  finish(outcome: Outcome): void {
    if (this.ended) return;
    this.ended = true;
    const { record } = this;
    record.outcome = outcome;
    if (record.status === 0) record.status = CLIENT_CLOSED_REQUEST;
    record.duration = performance.now() - this.receivedAt;
    for (const listener of this.#onFinish) listener(record);
  }
}
