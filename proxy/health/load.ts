/** Counts the requests in flight at one target, once some strategy asks for it: before that, counting is only a cost. */
export class Load {
  #watched = false;
  #inFlight = 0;

  get watched(): boolean {
    return this.#watched;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  watch(): void {
    this.#watched = true;
  }

  enter(): void {
    this.#inFlight++;
  }

  leave(): void {
    this.#inFlight--;
  }
}
