/** Alias names that a namespace may use → alias id; finds one by name and all below a prefix without a scan. */
export class NameIndex {
  readonly #ids: ReadonlyMap<string, string>;
  #sorted: readonly string[] | undefined;

  constructor(ids: ReadonlyMap<string, string>) {
    this.#ids = ids;
  }

  has(name: string): boolean {
    return this.#ids.has(name);
  }

  get(name: string): string | undefined {
    return this.#ids.get(name);
  }

  /** Names with this prefix, in order; wildcard names among them. */
  *startingWith(prefix: string): Generator<string> {
    this.#sorted ??= [...this.#ids.keys()].toSorted();
    for (let i = firstAtLeast(this.#sorted, prefix); i < this.#sorted.length; i++) {
      const name = this.#sorted[i]!;
      if (!name.startsWith(prefix)) return;
      yield name;
    }
  }
}

function firstAtLeast(sorted: readonly string[], value: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
