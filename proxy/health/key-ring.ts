/** The provider keys of one credential, used in turn; one that the provider refused rests. */
export class KeyRing {
  readonly #keys: readonly string[];
  readonly #restUntil: number[];
  #next = 0;

  constructor(keys: readonly string[]) {
    this.#keys = keys;
    this.#restUntil = keys.map(() => 0);
  }

  get size(): number {
    return this.#keys.length;
  }

  /** The next key that does not rest; when all do, the one that is back first; undefined when there are none. */
  take(now: number): string | undefined {
    const count = this.#keys.length;
    for (let i = 0; i < count; i++) {
      const at = (this.#next + i) % count;
      if (this.#restUntil[at]! > now) continue;
      this.#next = at + 1;
      return this.#keys[at];
    }
    return this.#keys[this.#restUntil.indexOf(Math.min(...this.#restUntil))];
  }

  /** Rests a key; true when another one is there to take its place. */
  rest(key: string, until: number, now: number): boolean {
    const at = this.#keys.indexOf(key);
    if (at >= 0) this.#restUntil[at] = until;
    return this.#restUntil.some((t) => t <= now);
  }
}
