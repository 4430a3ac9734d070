import type { Period } from '../../core/config/config.ts';
import { windowAt } from './window.ts';

/** One limit for one scope value: `max` requests per `per`, or at once when `per` is absent. */
export interface Demand {
  /** Names the counter: policy, limit and whose requests it counts. */
  key: string;
  max: number;
  per?: Period | undefined;
  /** Only watch: count, never refuse. */
  monitor: boolean;
}

/** Where one limit stands after a request was counted, or refused. */
export interface Standing {
  demand: Demand;
  remaining: number;
  /** Milliseconds until the window ends; 0 for concurrency. */
  resetIn: number;
  exceeded: boolean;
}

interface Counter {
  count: number;
  /** When the count is void; Infinity for concurrency. */
  end: number;
}

/** Counts requests in the memory of this process. */
export class MemoryLimits {
  readonly #counters = new Map<string, Counter>();

  /**
   * Charges all demands, or none when one refuses. `standings` follow the demands.
   * Every success must be released once: that is when concurrency goes down.
   */
  reserve(demands: readonly Demand[], now: number): { allowed: boolean; standings: Standing[] } {
    const standings: Standing[] = [];
    let allowed = true;
    for (const demand of demands) {
      const standing = standingOf(demand, this.#counter(demand, now), now);
      if (standing.exceeded && !demand.monitor) allowed = false;
      standings.push(standing);
    }
    if (!allowed) return { allowed, standings };
    for (const standing of standings) {
      this.#counters.get(standing.demand.key)!.count++;
      if (standing.remaining > 0) standing.remaining--;
    }
    return { allowed, standings };
  }

  release(demands: readonly Demand[]): void {
    for (const { key, per } of demands) {
      const counter = per === undefined ? this.#counters.get(key) : undefined;
      if (counter && counter.count > 0) counter.count--;
    }
  }

  /** Forgets windows that have passed, and concurrency that is not used. */
  sweep(now: number): void {
    for (const [key, { count, end }] of this.#counters) {
      const unused = end === Infinity && count === 0;
      if (unused || end <= now) this.#counters.delete(key);
    }
  }

  get size(): number {
    return this.#counters.size;
  }

  #counter({ key, per }: Demand, now: number): Counter {
    const known = this.#counters.get(key);
    if (known && now < known.end) return known;
    const counter = { count: 0, end: per === undefined ? Infinity : windowAt(per, now).end };
    this.#counters.set(key, counter);
    return counter;
  }
}

function standingOf(demand: Demand, { count, end }: Counter, now: number): Standing {
  return {
    demand,
    remaining: Math.max(0, demand.max - count),
    resetIn: end === Infinity ? 0 : end - now,
    exceeded: count >= demand.max,
  };
}
