import { GatewayError } from '../../core/errors.ts';
import { tooLarge } from '../edge/read-body.ts';
import { demandsOf } from '../limits/demands.ts';
import type { Demand, MemoryLimits } from '../limits/memory.ts';
import { noteMonitored, refusing, type Refusing } from '../limits/standings.ts';
import type { PlannedTarget } from '../runtime/plan.ts';
import { conditionsMet } from './conditions-met.ts';
import type { Exchange } from './exchange.ts';

/** A target that may be used now; what it cost its own limits is given back with `release`. */
export interface Chosen {
  index: number;
  planned: PlannedTarget;
  demands: readonly Demand[];
  /** The attempt has failed or ended: its place is somebody else's. */
  released: boolean;
  /** It is among the requests in flight at the target. */
  counted: boolean;
}

/** Milliseconds; also when nobody knows: all targets are drained. */
const SOON = 1_000;

/** Chooses the targets of one request, one attempt after the other. */
export class Selection {
  readonly #x: Exchange;
  readonly #limits: MemoryLimits;
  /** One bit per target: an alias has 16 at most. */
  #tried = 0;
  /** Per target, whether it takes the request; undefined when all do. */
  readonly #takers: readonly boolean[] | undefined;
  /** Of the limits that targets were passed over for, the one that is over first. */
  #limited: Refusing | undefined;

  /** @throws GatewayError when no target takes this request at all */
  constructor(x: Exchange, limits: MemoryLimits) {
    this.#x = x;
    this.#limits = limits;
    this.#takers = takersOf(x);
  }

  /** The best target that this request has not tried: by tier, then by the alias's strategy. */
  untried(now: number): Chosen | undefined {
    for (;;) {
      const index = this.#pick((i) => !this.#wasTried(i) && this.#target(i).breaker.available(now));
      if (index < 0) return undefined;
      const chosen = this.#take(index);
      if (chosen) return chosen;
    }
  }

  /** The target of an earlier attempt, when it may be sent the request again. */
  again(index: number, now: number): Chosen | undefined {
    return this.#target(index).breaker.available(now) ? this.#take(index) : undefined;
  }

  /** Of targets that all rest, the one that is back first. */
  leastBad(): Chosen | undefined {
    const resting = this.#usable().filter((i) => !this.#wasTried(i));
    const [first] = resting.toSorted(
      (a, b) => this.#target(a).breaker.openUntil - this.#target(b).breaker.openUntil,
    );
    return first === undefined ? undefined : this.#take(first);
  }

  release(chosen: Chosen): void {
    if (chosen.released) return;
    chosen.released = true;
    this.#limits.release(chosen.demands);
    if (chosen.counted) chosen.planned.target.load.leave();
  }

  /** What keeps the target that is free first; undefined when none was passed over for a limit. */
  get limited(): Refusing | undefined {
    return this.#limited;
  }

  /** Milliseconds until the first resting target may be tried. */
  restingFor(now: number): number {
    const until = this.#usable().map((i) => this.#target(i).breaker.openUntil);
    const first = until.length === 0 ? 0 : Math.min(...until);
    return Math.max(SOON, first - now);
  }

  #target(index: number): PlannedTarget['target'] {
    return this.#x.plan.targets[index]!.target;
  }

  #pick(eligible: (index: number) => boolean): number {
    for (const { targets, picker } of this.#x.alias.tiers) {
      const picked = picker.pick((i) => this.#meets(targets[i]!) && eligible(targets[i]!));
      if (picked >= 0) return targets[picked]!;
    }
    return -1;
  }

  #usable(): number[] {
    return this.#x.alias.tiers.flatMap(({ targets }) => targets).filter((i) => this.#meets(i));
  }

  #wasTried(index: number): boolean {
    return (this.#tried & (1 << index)) !== 0;
  }

  #meets(index: number): boolean {
    return this.#takers?.[index] ?? true;
  }

  /** Undefined when a limit of the target is reached. */
  #take(index: number): Chosen | undefined {
    this.#tried |= 1 << index;
    const planned = this.#x.plan.targets[index]!;
    const demands = demandsOf(planned.limits, this.#x, planned.target);
    const { allowed, standings } = this.#limits.reserve(demands, Date.now());
    noteMonitored(this.#x.request.record, standings);
    if (allowed) return { index, planned, demands, released: false, counted: false };
    const limited = refusing(standings);
    if (!this.#limited || limited.retryAfter < this.#limited.retryAfter) this.#limited = limited;
    return undefined;
  }
}

function takersOf(x: Exchange): readonly boolean[] | undefined {
  const { alias, plan, parsed } = x;
  if (!plan.selective) return undefined;
  const meets = conditionsMet(x);
  if (!meets.includes(true)) {
    const message = `No target of the alias "${alias.config.name}" takes this request: each asks for a header or a caller label.`;
    throw new GatewayError('no_matching_target', message);
  }
  const takes = plan.targets.map(
    ({ settings }, i) => meets[i]! && parsed.bytes.length <= settings.request.maxBodyBytes,
  );
  if (takes.includes(true)) return takes;
  throw tooLarge(
    Math.max(...plan.targets.map(({ settings }, i) => (meets[i]! ? settings.request.maxBodyBytes : 0))),
  );
}
