import type { CallerRequest } from './caller-request.ts';

/**
 * The requests that have not ended. An array with swap-remove instead of a Set: a Set that is added to and deleted
 * from all the time is rehashed all the time, and once one of its old tables reaches the old generation, V8 keeps
 * every later one alive, and the requests in it, until the next full collection.
 */
export class InFlight {
  readonly #requests: CallerRequest[] = [];

  get size(): number {
    return this.#requests.length;
  }

  add(request: CallerRequest): void {
    request.slot = this.#requests.length;
    this.#requests.push(request);
  }

  delete(request: CallerRequest): void {
    const last = this.#requests.pop();
    if (last === undefined || last === request) return;
    this.#requests[request.slot] = last;
    last.slot = request.slot;
  }

  [Symbol.iterator](): Iterator<CallerRequest> {
    return [...this.#requests].values();
  }
}
