import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dialect } from '../../core/dialects/dialect.ts';
import type { Outcome, RequestRecord } from './request-record.ts';

/** Flat list of names and values, as `ServerResponse.writeHead` takes it. */
export type HeaderList = string[];

/** What nginx logs when a caller leaves before it got an answer. */
const CLIENT_CLOSED_REQUEST = 499;

interface Cancellable {
  cancel(): void;
}

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
  /** The caller waits for a stream: it gets a sign of life when there is nothing else. */
  awaitsStream = false;
  /** Nobody waits for the answer any more: the caller has left, or was told that there will be none. */
  givenUp = false;
  /** The last byte has gone, or will never go. */
  ended = false;
  /** What of ours broke its stream, for the log. */
  defect: unknown;
  readonly #onFinish: ((record: RequestRecord) => void)[] = [];
  #underWay: Cancellable | undefined;
  /** Its place in `InFlight`. */
  slot = -1;

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

  /** What is to be cancelled when the request is given up; the latest wins. */
  set underWay(what: Cancellable) {
    this.#underWay = what;
    if (this.givenUp) what.cancel();
  }

  cancel(): void {
    this.givenUp = true;
    this.#underWay?.cancel();
  }

  finish(outcome: Outcome): void {
    if (this.ended) return;
    this.ended = true;
    this.#underWay = undefined;
    const { record } = this;
    record.outcome = outcome;
    if (record.status === 0) record.status = CLIENT_CLOSED_REQUEST;
    record.duration = performance.now() - this.receivedAt;
    for (const listener of this.#onFinish) listener(record);
  }
}
