const LONGEST_TIMER = 2 ** 31 - 1;

/** One timer for the next instant at which something becomes due by itself. */
export class WakeUp {
  readonly #wake: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** @param at milliseconds since the epoch; Infinity for never */
  set(at: number): void {
    clearTimeout(this.#timer);
    if (at === Infinity) return;
    const wait = Math.min(Math.max(0, at - Date.now()), LONGEST_TIMER);
    this.#timer = setTimeout(this.#wake, wait).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
