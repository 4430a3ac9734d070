import { hash } from 'node:crypto';
import type { Usage } from '../../core/chat/usage.ts';
import { RecordingSpace } from './recording-space.ts';

/** What an answer is kept under. The hash finds it; only the request itself says whether it is the same. */
export interface CacheKey {
  hash: string;
  request: Buffer;
}

/** An answer that was given in full. */
export interface KeptAnswer {
  contentType: string;
  /** Of a stream, all its events. */
  body: Buffer;
  /** What it had cost; giving it again saves this. */
  usage?: Usage;
}

interface Entry {
  request: Buffer;
  answer: KeptAnswer;
  /** Clock of `performance.now()`. */
  keptAt: number;
  expiresAt: number;
  /** Given again since it was last looked at to make room. */
  used: boolean;
}

/** Per process. */
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
/** No answer may take more than this part of all. */
const LARGEST_PART = 16;
/** What an entry takes besides its bytes, roughly. */
const OVERHEAD = 512;

export function cacheKey(request: Buffer): CacheKey {
  return { hash: hash('sha256', request, 'base64'), request };
}

/**
 * Answers in this process's memory. When they are too many the oldest go, but what was used since gets another turn:
 * nearly the least recently used, and a hit need not move anything.
 */
export class AnswerCache {
  /** For streams that are on their way. */
  readonly space: RecordingSpace;
  readonly #maxBytes: number;
  /** The next one to go first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(maxBytes = DEFAULT_MAX_BYTES) {
    this.#maxBytes = maxBytes;
    this.space = new RecordingSpace(maxBytes, Math.floor(maxBytes / LARGEST_PART));
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * @param now clock of `performance.now()`
   * @param ttl milliseconds; one that was shortened holds for what is kept already
   */
  get({ hash: id, request }: CacheKey, now: number, ttl: number): KeptAnswer | undefined {
    const entry = this.#entries.get(id);
    if (!entry?.request.equals(request)) return undefined;
    if (now >= Math.min(entry.expiresAt, entry.keptAt + ttl)) return undefined;
    entry.used = true;
    return entry.answer;
  }

  /** Replaces what was kept under the key. What is too large is not kept. */
  keep({ hash: id, request }: CacheKey, answer: KeptAnswer, now: number, ttl: number): void {
    this.#drop(id);
    const entry = { request, answer, keptAt: now, expiresAt: now + ttl, used: false };
    if (bytesOf(entry) > this.space.largest) return;
    this.#entries.set(id, entry);
    this.#bytes += bytesOf(entry);
    for (const [oldest, candidate] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) return;
      if (candidate.used) this.#anotherTurn(oldest, candidate);
      else this.#drop(oldest);
    }
  }

  /** Lets go of what has expired. */
  sweep(now: number): void {
    for (const [id, { expiresAt }] of this.#entries) if (now >= expiresAt) this.#drop(id);
  }

  /** Behind all others, where the search for room ends. */
  #anotherTurn(id: string, entry: Entry): void {
    entry.used = false;
    this.#entries.delete(id);
    this.#entries.set(id, entry);
  }

  #drop(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    this.#bytes -= bytesOf(entry);
  }
}

function bytesOf({ request, answer }: Entry): number {
  return request.length + answer.body.length + OVERHEAD;
}
