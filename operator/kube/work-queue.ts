import { isServerAway } from './api-error.ts';
import { Backoff } from './backoff.ts';

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
  /** While the server is away. */
  #closed: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#queue.size + this.#running.size;
  }

  add(key: string): void {
    if (this.#stopped || this.#timers.has(key)) return;
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
    this.#stopped = true;
    clearTimeout(this.#closed);
    this.clear();
  }

  #start(): void {
    if (this.#closed !== undefined) return;
    for (const key of this.#queue) {
      if (this.#running.size >= this.#options.atOnce) return;
      if (this.#running.has(key)) continue;
      this.#queue.delete(key);
      this.#running.add(key);
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    try {
      await this.#options.work(key);
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
    if (this.#stopped) return;
    if (isServerAway(error)) {
      this.#queue.add(key);
      this.#close();
      return;
    }
    this.#queue.delete(key);
    const backoff = this.#backoffs.get(key) ?? new Backoff(FIRST_WAIT, LONGEST_WAIT);
    this.#backoffs.set(key, backoff);
    const retry = (): void => {
      this.#timers.delete(key);
      this.add(key);
    };
    this.#timers.set(key, setTimeout(retry, backoff.next()).unref());
  }

  #close(): void {
    this.#closed ??= setTimeout(() => {
      this.#closed = undefined;
      this.#start();
    }, this.#server.next()).unref();
  }
}
