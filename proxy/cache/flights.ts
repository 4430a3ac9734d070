import type { CacheKey } from './answer-cache.ts';

/** A request on its way to a provider, whose answer others wait for. */
export interface Flight<Shared> {
  request: Buffer;
  /** Milliseconds that its request may take: who has less patience does not wait for it. */
  total: number;
  /** Settles with the first byte; undefined when the answer is nobody else's. */
  shared: Promise<Shared | undefined>;
}

/** What is on its way, so that equal requests ask once. */
export class Flights<Shared> {
  readonly #flights = new Map<string, Flight<Shared>>();

  /** The flight of an equal request that `total` milliseconds are enough for. */
  find({ hash, request }: CacheKey, total: number): Flight<Shared> | undefined {
    const flight = this.#flights.get(hash);
    return flight && flight.total <= total && flight.request.equals(request) ? flight : undefined;
  }

  /** Others may join from now on. Of several with one key the latest counts. */
  begin({ hash }: CacheKey, flight: Flight<Shared>): void {
    this.#flights.set(hash, flight);
  }

  end({ hash }: CacheKey, flight: Flight<Shared>): void {
    if (this.#flights.get(hash) === flight) this.#flights.delete(hash);
  }
}
