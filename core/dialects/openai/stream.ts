import type { Usage } from '../../chat/usage.ts';
import { eventAt, eventData } from '../../sse/framer.ts';
import type { StreamTap } from '../dialect.ts';
import { parseChunk, type Chunk } from './chunk.ts';
import { parseUsage } from './usage.ts';

/** What makes an event worth opening: the end, or an error or usage. Of one length, so that V8 skips ahead in the text. */
const MARK = /DONE\]|usage"|error"|event: e/g;
/** As nearly everybody writes the end, and where in it a mark ends. */
const DONE = '\n\ndata: [DONE]\n\n';
const MARK_IN_DONE = DONE.indexOf(']');
/** Many providers write the member into every chunk, with nothing in it. */
const NOTHING = /" *: *null/y;
/** What some who copied the format call the event of an error. */
const ERROR_EVENT = 'event: error';

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
    // Latin-1: an offset in the text is one in the bytes.
    const text = events.toString('latin1');
    const kept: Buffer[] = [];
    let from = 0;
    let end = 0;
    for (let at = nextMark(text, 0); at >= 0; at = nextMark(text, end)) {
      end = at + 1;
      if (this.#ends(text, at)) continue;
      const event = eventAt(events, at);
      end = event.end;
      if (this.#keep(events.subarray(event.start, end))) continue;
      kept.push(events.subarray(from, event.start));
      from = end;
    }
    return from === 0 ? events : Buffer.concat([...kept, events.subarray(from)]);
  }

  #ends(text: string, mark: number): boolean {
    if (!text.startsWith(DONE, mark - MARK_IN_DONE)) return false;
    this.complete = true;
    return true;
  }

  /** False for the event that the caller did not ask for. */
  #keep(event: Buffer): boolean {
    const chunk = this.#open(event);
    const usage = parseUsage(chunk?.usage ?? chunk?.x_groq?.usage);
    if (usage) this.usage = usage;
    return !(usage && this.#hideUsage && isEmpty(chunk?.choices));
  }

  /** Notes the end and errors; the chunk, when the event is one. */
  #open(event: Buffer): Chunk | undefined {
    if (event.toString('latin1', 0, ERROR_EVENT.length) === ERROR_EVENT) this.failed = true;
    const data = eventData(event)?.trim();
    if (data === '[DONE]') this.complete = true;
    const chunk = data?.startsWith('{') ? parseChunk(data) : undefined;
    if (chunk?.error) this.failed = true;
    return chunk;
  }
}

/** -1 when there is none. */
function nextMark(text: string, from: number): number {
  MARK.lastIndex = from;
  while (MARK.test(text)) {
    const end = MARK.lastIndex;
    NOTHING.lastIndex = end - 1;
    if (!NOTHING.test(text)) return end - 1;
  }
  return -1;
}

function isEmpty(choices: unknown): boolean {
  return Array.isArray(choices) && choices.length === 0;
}
