export interface HoldoffOptions {
  /** Milliseconds without a poke after which the work begins. */
  quiet: number;
  /** Milliseconds after the first poke when it begins in any case. */
  longest: number;
}

/** Collects what happens at nearly the same time into one piece of work. Never two pieces at once. */
export class Holdoff {
  readonly #work: () => Promise<void>;
  readonly #options: HoldoffOptions;
  #timer: NodeJS.Timeout | undefined;
  #firstPoke: number | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  /** @param work must not reject */
  constructor(work: () => Promise<void>, options: HoldoffOptions) {
    this.#work = work;
    this.#options = options;
  }

  poke(): void {
    this.#firstPoke ??= performance.now();
    if (this.#running === undefined && !this.#stopped) this.#schedule(this.#firstPoke);
  }

  /** No new work begins; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(firstPoke: number): void {
    clearTimeout(this.#timer);
    const left = firstPoke + this.#options.longest - performance.now();
    this.#timer = setTimeout(() => this.#run(), Math.max(0, Math.min(this.#options.quiet, left)));
  }

  #run(): void {
    this.#firstPoke = undefined;
    this.#running = this.#work().finally(() => {
      this.#running = undefined;
      if (this.#firstPoke !== undefined) this.poke();
    });
  }
}
