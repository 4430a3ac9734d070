const WINDOW = 10_000;
const SLOT = 1_000;
/** Retries that are always allowed in a window, so that a quiet gateway retries at all. */
const MINIMUM = 10;

interface Slot {
  second: number;
  requests: number;
  retries: number;
}

/**
 * Caps how many of the requests of the last ten seconds are sent to the same target again, so that an outage is
 * not amplified. https://gateway-api.sigs.k8s.io/geps/gep-3388/
 */
export class RetryBudget {
  readonly #slots: Slot[] = Array.from({ length: WINDOW / SLOT }, () => ({
    second: -1,
    requests: 0,
    retries: 0,
  }));

  request(now: number): void {
    this.#slot(now).requests++;
  }

  /** Takes one retry out of the budget; false when it is used up. Nothing of it is 0 %, not even the minimum. */
  take(now: number, percent: number): boolean {
    if (percent === 0) return false;
    const oldest = Math.floor(now / SLOT) - WINDOW / SLOT;
    let requests = 0;
    let retries = 0;
    for (const slot of this.#slots) {
      if (slot.second <= oldest) continue;
      requests += slot.requests;
      retries += slot.retries;
    }
    if (retries >= Math.max(MINIMUM, (requests * percent) / 100)) return false;
    this.#slot(now).retries++;
    return true;
  }

  #slot(now: number): Slot {
    const second = Math.floor(now / SLOT);
    const slot = this.#slots[second % this.#slots.length]!;
    if (slot.second !== second) Object.assign(slot, { second, requests: 0, retries: 0 });
    return slot;
  }
}
