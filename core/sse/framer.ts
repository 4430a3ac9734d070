/** The provider sent an event that is too long to be one. */
export class EventTooLong extends Error {
  override readonly name = 'EventTooLong';
}

/**
 * Cuts a server-sent event stream behind its last complete event, so that nothing is looked at or passed on in
 * halves. https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export class EventFramer {
  #rest: Buffer | undefined;
  readonly #maxEventBytes: number;

  constructor(maxEventBytes = 4 * 1024 * 1024) {
    this.#maxEventBytes = maxEventBytes;
  }

  /**
   * All events that these bytes complete, or undefined when none is.
   * @throws EventTooLong when an event does not end within the limit.
   */
  push(chunk: Buffer): Buffer | undefined {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    // In what was left no event ends.
    const end = endOfLastEvent(bytes, bytes.length - chunk.length);
    this.#rest = end === bytes.length ? undefined : bytes.subarray(end);
    if (this.#rest && this.#rest.length > this.#maxEventBytes) throw new EventTooLong();
    return end === 0 ? undefined : bytes.subarray(0, end);
  }

  /** What is left behind the last complete event: not empty when the stream was cut inside one. */
  get rest(): Buffer {
    return this.#rest ?? Buffer.alloc(0);
  }
}

/** Whether some event ends in these bytes. */
export function hasEvent(bytes: Buffer): boolean {
  return endOfLastEvent(bytes, 0) > 0;
}

/** 0 when no event ends behind `from`. A read of the socket mostly ends with an event, so this is short. */
function endOfLastEvent(bytes: Buffer, from: number): number {
  let end = bytes.length;
  while (end > from && !isBoundary(bytes, end)) end--;
  return end > from ? end : 0;
}

const LF = 0x0a;
const CR = 0x0d;

/** Whether a blank line, in any of the three line ends, is just before `at`. */
function isBoundary(bytes: Buffer, at: number): boolean {
  const last = bytes[at - 1];
  if (last !== LF) return last === CR && bytes[at - 2] === CR;
  const before = bytes[at - 2];
  return before === LF || (before === CR && bytes[at - 3] === LF);
}

/** Where the event that holds the byte at `at` starts, and where it ends with its blank line. */
export function eventAt(events: Buffer, at: number): { start: number; end: number } {
  let start = at;
  while (start > 0 && !isBoundary(events, start)) start--;
  let end = at + 1;
  while (end < events.length && !isBoundary(events, end)) end++;
  return { start, end };
}

/** An event of one line of data. */
const ONE_LINE = /^data: ?([^\r\n]*)\n\n$/;

/** The text of an event's `data` lines; undefined for a comment or an event without data. */
export function eventData(event: Buffer): string | undefined {
  const text = event.toString('utf8');
  const single = ONE_LINE.exec(text);
  if (single) return single[1];
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line.startsWith('data:'));
  if (lines.length === 0) return undefined;
  return lines.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n');
}
