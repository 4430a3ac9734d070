/** Waits that double, each spread over ±25 % so that many clients do not come back at the same moment. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  #failures = 0;

  /** @param first milliseconds @param longest milliseconds */
  constructor(first: number, longest: number) {
    this.#first = first;
    this.#longest = longest;
  }

  /** Milliseconds to wait after one more failure; at least what the server asked for. */
  next(atLeast = 0): number {
    const step = Math.min(this.#first * 2 ** this.#failures, this.#longest);
    this.#failures += 1;
    return Math.max(step * (0.75 + Math.random() / 2), atLeast);
  }

  reset(): void {
    this.#failures = 0;
  }
}
