import { isServerAway } from './api-error.ts';
import { Backoff } from './backoff.ts';
import { pause } from './pause.ts';

export interface WorkQueueOptions {
  /** How many are worked on at the same time. */
  atOnce: number;
  /** Rejects to have it tried again later. */
  work: (key: string) => Promise<void>;
  failed: (key: string, error: unknown) => void;
}

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 300_000;
const SERVER_FIRST_WAIT = 500;
const SERVER_LONGEST_WAIT = 5_000;

/**
 * Keys to work on, each at most once at a time, in the order in which they came. One that fails waits longer and
 * longer by itself and holds up no other; when the server is away all wait for it.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #queue = new Set<string>();
  readonly #running = new Set<string>();
  readonly #backoffs = new Map<string, Backoff>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #server = new Backoff(SERVER_FIRST_WAIT, SERVER_LONGEST_WAIT);
  readonly #stopped = new AbortController();
  #closedUntil = 0;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#queue.size + this.#running.size;
  }

  add(key: string): void {
    if (this.#stopped.signal.aborted || this.#timers.has(key)) return;
    this.#queue.add(key);
    this.#start();
  }

  /** The reason why it failed may be gone: it need not wait any longer. */
  forgive(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.#backoffs.delete(key);
  }

  /** Forgets what is waiting. */
  clear(): void {
    this.#queue.clear();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#backoffs.clear();
  }

  stop(): void {
    this.#stopped.abort();
    this.clear();
  }

  #start(): void {
    for (const key of this.#queue) {
      if (this.#running.size >= this.#options.atOnce) return;
      if (this.#running.has(key)) continue;
      this.#queue.delete(key);
      this.#running.add(key);
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    const wait = this.#closedUntil - performance.now();
    if (wait > 0) await pause(wait, this.#stopped.signal);
    try {
      if (!this.#stopped.signal.aborted) await this.#options.work(key);
      this.#backoffs.delete(key);
      this.#server.reset();
    } catch (error) {
      this.#options.failed(key, error);
      this.#later(key, error);
    }
    this.#running.delete(key);
    this.#start();
  }

  #later(key: string, error: unknown): void {
    if (this.#stopped.signal.aborted) return;
    if (isServerAway(error)) {
      const now = performance.now();
      if (now >= this.#closedUntil) this.#closedUntil = now + this.#server.next();
      this.#queue.add(key);
      return;
    }
    const backoff = this.#backoffs.get(key) ?? new Backoff(FIRST_WAIT, LONGEST_WAIT);
    this.#backoffs.set(key, backoff);
    const retry = (): void => {
      this.#timers.delete(key);
      this.add(key);
    };
    this.#timers.set(key, setTimeout(retry, backoff.next()).unref());
  }
}
