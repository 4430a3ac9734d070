import type { Condition, Reason } from '../resources/conditions.ts';

/** What compile found out about one resource. Without instants: whoever writes it down knows the time. */
export interface Status {
  kind: string;
  namespace: string;
  name: string;
  /** The `metadata.generation` that was looked at. */
  generation?: number;
  /**
   * `Accepted`, then `ResolvedRefs`. A `Ready` that is False follows only when the object is refused by its own
   * will (Disabled, Expired); in all other cases that condition is up to whoever knows the proxies.
   */
  conditions: readonly Condition[];
}

/** A user's mistake: a reason from the closed list, and a sentence that names the field and the mend. */
export interface Problem {
  reason: Reason;
  message: string;
}

/** Whom a status is about. */
export interface Subject {
  kind: string;
  namespace: string;
  name: string;
  generation?: number;
}

/** A list of 256 aliases may have as many mistakes; a status is to be read. */
const MOST_SHOWN = 8;

interface Entry {
  subject: Subject;
  refusal?: Problem;
  unready?: Problem;
  unresolved: Problem[];
}

/** Collects what the steps find out, object by object. The first refusal of an object stands. */
export class StatusBook {
  readonly #entries = new Map<object, Entry>();

  /** Every object that is to have a status is opened once. */
  open(object: object, subject: Subject): void {
    this.#entries.set(object, { subject, unresolved: [] });
  }

  /** The object is left out: `Accepted` is False. */
  refuse(object: object, problem: Problem): void {
    this.#entry(object).refusal ??= problem;
  }

  /** The object is as it should be, and for that reason serves nobody: `Ready` is False. */
  unready(object: object, cause: Problem): void {
    this.#entry(object).unready = cause;
  }

  /** A reference leads nowhere: `ResolvedRefs` is False. Several are named one after the other. */
  unresolved(object: object, problem: Problem): void {
    this.#entry(object).unresolved.push(problem);
  }

  /** All statuses, by kind, namespace and name. */
  all(): Status[] {
    const keyed = Array.from(this.#entries.values(), (entry) => ({ key: keyOf(entry), entry }));
    return keyed.toSorted(byIdentity).map(({ entry }) => toStatus(entry));
  }

  #entry(object: object): Entry {
    const entry = this.#entries.get(object);
    if (entry === undefined) throw new Error('a status is wanted of an object that was never opened');
    return entry;
  }
}

function toStatus({ subject, refusal, unready, unresolved }: Entry): Status {
  const conditions = [accepted(refusal), resolvedRefs(refusal, unresolved)];
  if (unready) conditions.push({ type: 'Ready', status: 'False', ...unready });
  return { ...subject, conditions };
}

function accepted(refusal: Problem | undefined): Condition {
  if (refusal) return { type: 'Accepted', status: 'False', ...refusal };
  return {
    type: 'Accepted',
    status: 'True',
    reason: 'Accepted',
    message: 'valid, and in conflict with nothing',
  };
}

function resolvedRefs(refusal: Problem | undefined, unresolved: readonly Problem[]): Condition {
  const type = 'ResolvedRefs';
  if (refusal)
    return { type, status: 'Unknown', reason: 'Pending', message: 'not looked at while Accepted is False' };
  if (unresolved.length === 0)
    return {
      type,
      status: 'True',
      reason: 'ResolvedRefs',
      message: 'every reference exists and is permitted',
    };
  const shown = unresolved.slice(0, MOST_SHOWN).map(({ message }) => message);
  const hidden = unresolved.length - shown.length;
  const message = [...shown, ...(hidden > 0 ? [`and ${hidden} more`] : [])].join('; ');
  return { type, status: 'False', reason: unresolved[0]!.reason, message };
}

interface Keyed {
  key: string;
  entry: Entry;
}

function keyOf({ subject: { kind, namespace, name } }: Entry): string {
  return `${kind}\n${namespace}\n${name}`;
}

function byIdentity(a: Keyed, b: Keyed): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  // Two objects of one name: any order that does not depend on the order of the input.
  return JSON.stringify(toStatus(a.entry)) < JSON.stringify(toStatus(b.entry)) ? -1 : 1;
}
