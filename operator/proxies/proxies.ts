import { REVISION_ANNOTATION } from '../../core/publish/names.ts';
import type { KubeObject } from '../kube/object.ts';
import { Store, type Stored } from '../kube/store.ts';
import type { Sink } from '../kube/reflector.ts';
import { specOf } from '../leases/lease.ts';
import { ObservedLease } from '../leases/observed-lease.ts';

interface ProxyLease extends Stored {
  readonly observed: ObservedLease;
  /** What it serves; undefined until it serves something. */
  readonly revision: string | undefined;
}

const CHECK_EVERY = 1_000;
/** A single proxy that restarts is not the end of the gateway. */
const ABSENT_AFTER = 30_000;

/** The proxies that run, and what they serve, as far as their Leases tell. */
export class Proxies {
  readonly #store: Store<ProxyLease>;
  readonly #changed: () => void;
  #last = '';
  #noneSince: number | undefined;
  #wasAbsent = false;

  /** @param changed called when another set of proxies runs, or one of them serves something else */
  constructor(changed: () => void) {
    this.#changed = changed;
    this.#store = new Store({ read: readLease, changed: () => this.#check() });
  }

  get sink(): Sink {
    return this.#store;
  }

  /** Notices proxies that fall silent, until the signal ends it. */
  start(signal: AbortSignal): void {
    const timer = setInterval(() => this.#check(), CHECK_EVERY);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    this.#check();
  }

  /** The revision of each proxy that runs. */
  revisions(): (string | undefined)[] {
    const now = performance.now();
    return [...this.#store.values()].filter(({ observed }) => observed.isAlive(now)).map((l) => l.revision);
  }

  /** None has run for so long that they will not be back in a moment. */
  get absent(): boolean {
    return this.#noneSince !== undefined && performance.now() - this.#noneSince > ABSENT_AFTER;
  }

  #check(): void {
    const revisions = this.revisions();
    this.#noneSince = revisions.length > 0 ? undefined : (this.#noneSince ?? performance.now());
    const now = revisions
      .map((revision) => revision ?? '')
      .toSorted()
      .join();
    if (now === this.#last && this.absent === this.#wasAbsent) return;
    this.#last = now;
    this.#wasAbsent = this.absent;
    this.#changed();
  }
}

function readLease(lease: KubeObject, before: ProxyLease | undefined): ProxyLease {
  const { uid, resourceVersion, annotations } = lease.metadata;
  const observed = before?.uid === uid ? before!.observed : new ObservedLease();
  observed.observe(specOf(lease), performance.now());
  return {
    uid: uid!,
    resourceVersion: resourceVersion!,
    observed,
    revision: annotations?.[REVISION_ANNOTATION],
  };
}
