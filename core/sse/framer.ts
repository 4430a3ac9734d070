const BLANK_LINES = ['\n\n', '\n\r\n', '\r\r'].map((text) => Buffer.from(text));

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
    const end = endOfLastEvent(bytes);
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
  return endOfLastEvent(bytes) > 0;
}

function endOfLastEvent(bytes: Buffer): number {
  let end = 0;
  for (const blank of BLANK_LINES) {
    const at = bytes.lastIndexOf(blank);
    if (at >= 0) end = Math.max(end, at + blank.length);
  }
  return end;
}

/** Cuts complete events, as `EventFramer.push` gives them, into single ones with their blank lines. */
export function splitEvents(events: Buffer): Buffer[] {
  const single: Buffer[] = [];
  let from = 0;
  while (from < events.length) {
    const end = endOfFirstEvent(events, from);
    single.push(events.subarray(from, end));
    from = end;
  }
  return single;
}

function endOfFirstEvent(bytes: Buffer, from: number): number {
  let end = bytes.length;
  for (const blank of BLANK_LINES) {
    const at = bytes.indexOf(blank, from);
    if (at >= 0) end = Math.min(end, at + blank.length);
  }
  return end;
}

/** The text of an event's `data` lines; undefined for a comment or an event without data. */
export function eventData(event: Buffer): string | undefined {
  const lines = event
    .toString('utf8')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith('data:'));
  if (lines.length === 0) return undefined;
  return lines.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n');
}
