import type { Usage } from '../../chat/usage.ts';
import { eventAt, eventData } from '../../sse/framer.ts';
import type { StreamTap } from '../dialect.ts';
import { parseUsage } from './usage.ts';

const DONE = Buffer.from('[DONE]');
const USAGE = Buffer.from('"usage"');
const ERROR = Buffer.from('"error"');
/** What some who copied the format call the event of an error. */
const ERROR_EVENT = Buffer.from('event: error');

/**
 * `data: {chunk}` events and `data: [DONE]`: https://platform.openai.com/docs/api-reference/chat-streaming.
 * Most events are passed on unread: only those that mention usage, an error or the end are opened. Model text
 * cannot fake these marks, because its quotes are escaped inside JSON.
 */
export class OpenAIStreamTap implements StreamTap {
  usage: Usage | undefined;
  complete = false;
  failed = false;
  readonly #hideUsage: boolean;

  constructor(hideUsage: boolean) {
    this.#hideUsage = hideUsage;
  }

  pass(events: Buffer): Buffer {
    const kept: Buffer[] = [];
    let from = 0;
    let seen = 0;
    for (const mark of marksIn(events)) {
      if (mark < seen) continue;
      const { start, end } = eventAt(events, mark);
      seen = end;
      if (this.#keep(events.subarray(start, end))) continue;
      kept.push(events.subarray(from, start));
      from = end;
    }
    return from === 0 ? events : Buffer.concat([...kept, events.subarray(from)]);
  }

  /** False for the event that the caller did not ask for. */
  #keep(event: Buffer): boolean {
    if (event.indexOf(ERROR_EVENT) === 0) this.failed = true;
    const data = eventData(event)?.trim();
    if (data === undefined) return true;
    if (data === '[DONE]') this.complete = true;
    const chunk = parseChunk(data);
    if (!chunk) return true;
    if (chunk.error) this.failed = true;
    const usage = parseUsage(chunk.usage);
    if (!usage) return true;
    this.usage = usage;
    const onlyUsage = Array.isArray(chunk.choices) && chunk.choices.length === 0;
    return !(this.#hideUsage && onlyUsage);
  }
}

const NONE: readonly number[] = [];

/** Where something stands that makes its event worth opening, in order. */
function marksIn(events: Buffer): readonly number[] {
  const marks = [
    ...positions(events, DONE),
    ...positions(events, ERROR_EVENT),
    ...positions(events, USAGE).filter((at) => !isNull(events, at + USAGE.length)),
    ...positions(events, ERROR).filter((at) => !isNull(events, at + ERROR.length)),
  ];
  return marks.length < 2 ? marks : marks.toSorted((a, b) => a - b);
}

function positions(events: Buffer, text: Buffer): readonly number[] {
  let at = events.indexOf(text);
  if (at < 0) return NONE;
  const found: number[] = [];
  for (; at >= 0; at = events.indexOf(text, at + text.length)) found.push(at);
  return found;
}

/** Whether the member whose name ends at `at` has the value null. */
function isNull(events: Buffer, at: number): boolean {
  let value = at;
  while (events[value] === 0x20 || events[value] === 0x3a) value++;
  return events[value] === 0x6e;
}

function parseChunk(data: string): { usage?: unknown; choices?: unknown; error?: unknown } | undefined {
  try {
    const chunk: unknown = JSON.parse(data);
    return typeof chunk === 'object' && chunk !== null ? chunk : undefined;
  } catch {
    return undefined;
  }
}
