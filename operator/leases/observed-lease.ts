import type { LeaseSpec } from './lease.ts';

/**
 * Somebody's Lease, judged by our own clock: no clock of another machine is trusted. It is alive for its duration
 * after the last moment that we saw it renewed.
 */
export class ObservedLease {
  #mark = '';
  #seenAt = -Infinity;
  #duration = 0;

  /** @param now monotonic milliseconds */
  observe({ holderIdentity = '', renewTime = '', leaseDurationSeconds = 0 }: LeaseSpec, now: number): void {
    const mark = `${holderIdentity} ${renewTime}`;
    if (mark !== this.#mark) this.#seenAt = now;
    this.#mark = mark;
    this.#duration = holderIdentity === '' ? 0 : leaseDurationSeconds * 1_000;
  }

  isAlive(now: number): boolean {
    return now - this.#seenAt < this.#duration;
  }
}
