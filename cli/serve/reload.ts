import { diff, type Change } from '../../core/diff/index.ts';
import type { EgressRule } from '../../core/net/egress.ts';
import type { Gateway } from '../../proxy/gateway.ts';
import { formatProblem, type Problem } from '../yaml/problem.ts';
import { readConfiguration, type Configuration } from './configuration.ts';
import { exposedKeys } from './exposure.ts';
import type { KeyStore } from './key-store.ts';
import type { Source } from './source.ts';

const SHOWN = 10;

interface Circumstances {
  source: Source;
  store: KeyStore;
  host: string;
  egress: EgressRule;
}

/** Takes changes of the source over, one after the other; what is broken is refused as a whole. */
export class Reloader {
  readonly #gateway: Gateway;
  readonly #source: Source;
  readonly #store: KeyStore;
  readonly #host: string;
  readonly #egress: EgressRule;
  #current: Configuration;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(gateway: Gateway, current: Configuration, { source, store, host, egress }: Circumstances) {
    this.#gateway = gateway;
    this.#current = current;
    this.#source = source;
    this.#store = store;
    this.#host = host;
    this.#egress = egress;
  }

  /** Looks again. A call while one is under way leads to one more look after it. */
  async reload(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#loop();
    await this.#running;
  }

  async #loop(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        await this.#once();
      } catch (error) {
        this.#gateway.log.error({ err: error }, 'the configuration could not be read; the old one goes on');
      }
    }
    this.#running = undefined;
  }

  async #once(): Promise<void> {
    const next = await readConfiguration(this.#source, this.#store, this.#egress);
    const faults = this.#faults(next);
    if (faults.length > 0) return this.#refuse(faults);
    const changes = diff(this.#current.config, next.config);
    const isNew = next.config.revision !== this.#current.config.revision;
    if (isNew) await this.#gateway.use(next.config);
    this.#current = next;
    if (isNew) this.#report(next, changes);
  }

  /**
   * Mistakes in the files, resources that are no longer accepted, and keys that must not be served. References
   * that lead nowhere are none: a credential, key or grant that was taken away has to be gone.
   */
  #faults(next: Configuration): Problem[] {
    const isNew = ({ resource = '' }: Problem): boolean =>
      next.refused.has(resource) && !this.#current.refused.has(resource);
    return [...next.loaded.problems, ...next.findings.filter(isNew), ...exposedKeys(next, this.#host)];
  }

  #refuse(faults: readonly Problem[]): void {
    for (const problem of faults) this.#gateway.log.error({ problem }, formatProblem(problem));
    this.#gateway.refused();
    const { revision } = this.#current.config;
    this.#gateway.log.error(
      { revision, problems: faults.length },
      'reload refused; the old configuration goes on',
    );
  }

  #report({ config, findings, keys }: Configuration, changes: readonly Change[]): void {
    for (const problem of findings) this.#gateway.log.warn({ problem }, formatProblem(problem));
    for (const { caller, file, isNew } of keys) {
      if (isNew) this.#gateway.log.info({ caller, file }, 'a caller key was generated');
    }
    const summary = changes.slice(0, SHOWN).map(({ text }) => text);
    const breaking = changes.filter((change) => change.breaking).length;
    this.#gateway.log.info(
      { revision: config.revision, changes: changes.length, breaking, summary },
      'configuration reloaded',
    );
  }
}
