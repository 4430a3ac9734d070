import type { Usage } from '../../chat/usage.ts';
import { eventData, splitEvents } from '../../sse/framer.ts';
import type { StreamTap } from '../dialect.ts';
import { parseUsage } from './usage.ts';

const DONE = Buffer.from('[DONE]');
const USAGE = Buffer.from('"usage"');
const ERROR = Buffer.from('"error"');
/** What some who copied the format call the event of an error. */
const ERROR_EVENT = Buffer.from('event: error');

const MARKS = [DONE, ERROR_EVENT];

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
    if (
      !MARKS.some((mark) => events.includes(mark)) &&
      !hasMember(events, USAGE) &&
      !hasMember(events, ERROR)
    ) {
      return events;
    }
    const kept = splitEvents(events).filter((event) => this.#keep(event));
    return Buffer.concat(kept);
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

/** Whether some member of this name has a value other than null. */
function hasMember(events: Buffer, quotedName: Buffer): boolean {
  for (let at = events.indexOf(quotedName); at >= 0; at = events.indexOf(quotedName, at + 1)) {
    let value = at + quotedName.length;
    while (events[value] === 0x20 || events[value] === 0x3a) value++;
    if (events[value] !== 0x6e) return true;
  }
  return false;
}

function parseChunk(data: string): { usage?: unknown; choices?: unknown; error?: unknown } | undefined {
  try {
    const chunk: unknown = JSON.parse(data);
    return typeof chunk === 'object' && chunk !== null ? chunk : undefined;
  } catch {
    return undefined;
  }
}
