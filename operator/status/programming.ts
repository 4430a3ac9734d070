/** How far the form of an object that compile saw last has come. */
export interface Progress {
  /** Whether the object is part of the configuration. */
  included: boolean;
  /** Proxies that run. */
  ready: number;
  /** Those of them whose configuration holds this form. */
  programmed: number;
  /** The first revision with this form. */
  revision: string | undefined;
  /** All proxies that ran had it at some moment: new proxies load nothing older. */
  settled: boolean;
}

interface Form {
  generation: number;
  included: boolean;
  /** Of the publication that was the first with this form. */
  sequence: number;
  settled: boolean;
}

/** A proxy that serves something older than this counts as behind everything. */
const HISTORY = 1_000;

/**
 * Knows in which publication each object got the form that it has, and so whether the revision that a proxy serves
 * holds it. Once all proxies have an object it stays so: a proxy that starts later loads what is current before it
 * is ready, and 25,000 statuses need not change for it.
 */
export class Programming {
  readonly #forms = new Map<string, Form>();
  readonly #unsettled = new Set<string>();
  /** Revision → the last publication of it; oldest first. */
  readonly #sequences = new Map<string, number>();
  readonly #revisions = new Map<number, string>();
  #sequence = 0;
  #proxies: readonly (string | undefined)[] = [];

  /** Forgets all forms: another process has led meanwhile. @param revision that it published last */
  restart(revision: string | undefined): void {
    this.#forms.clear();
    this.#unsettled.clear();
    this.#sequences.clear();
    this.#revisions.clear();
    if (revision !== undefined) this.published(revision);
  }

  published(revision: string): void {
    if (this.#revisions.get(this.#sequence) === revision) return;
    this.#sequence += 1;
    this.#sequences.set(revision, this.#sequence);
    this.#revisions.set(this.#sequence, revision);
    const old = this.#sequence - HISTORY;
    const forgotten = this.#revisions.get(old);
    this.#revisions.delete(old);
    if (forgotten !== undefined && this.#sequences.get(forgotten) === old) this.#sequences.delete(forgotten);
  }

  /** How many publications there were, the current one included; never fewer than before. */
  get publication(): number {
    return this.#sequence;
  }

  /** The newest publication that every proxy that runs has loaded; Infinity when none runs. */
  get everywhere(): number {
    return Math.min(...this.#proxies.map((revision) => this.#sequenceOf(revision)));
  }

  /** @param revisions what each proxy that runs serves */
  serve(revisions: readonly (string | undefined)[]): void {
    this.#proxies = revisions;
    for (const key of this.#unsettled) this.#settle(key, this.#forms.get(key)!);
  }

  /**
   * What compile found. @param wasSettled what the status of the object said when this process began to lead
   * @returns whether the form is another than before
   */
  track(key: string, seen: { generation: number; included: boolean; wasSettled: () => boolean }): boolean {
    const { generation, included, wasSettled } = seen;
    const before = this.#forms.get(key);
    if (before?.generation === generation && before.included === included) return false;
    const settled = before === undefined && included && wasSettled();
    const form = { generation, included, sequence: this.#sequence, settled };
    this.#forms.set(key, form);
    if (included && !settled) this.#unsettled.add(key);
    else this.#unsettled.delete(key);
    this.#settle(key, form);
    return true;
  }

  forget(key: string): void {
    this.#forms.delete(key);
    this.#unsettled.delete(key);
  }

  /** Objects that not all proxies have yet. */
  unsettled(): Iterable<string> {
    return this.#unsettled;
  }

  /** No proxy is left: nothing is programmed any more. */
  unsettle(): void {
    for (const [key, form] of this.#forms) {
      form.settled = false;
      if (form.included) this.#unsettled.add(key);
    }
  }

  of(key: string): Progress | undefined {
    const form = this.#forms.get(key);
    if (form === undefined) return undefined;
    const { included, sequence, settled } = form;
    const programmed = this.#programmed(sequence);
    const revision = this.#revisions.get(sequence);
    return { included, ready: this.#proxies.length, programmed, revision, settled };
  }

  #settle(key: string, form: Form): void {
    const all = this.#proxies.length;
    if (!form.included || all === 0 || this.#programmed(form.sequence) < all) return;
    form.settled = true;
    this.#unsettled.delete(key);
  }

  #programmed(sequence: number): number {
    return this.#proxies.filter((revision) => this.#sequenceOf(revision) >= sequence).length;
  }

  #sequenceOf(revision: string | undefined): number {
    return (revision === undefined ? undefined : this.#sequences.get(revision)) ?? 0;
  }
}
