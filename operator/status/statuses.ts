import type { Logger } from 'pino';
import type { Status } from '../../core/compile/index.ts';
import type { Config } from '../../core/config/config.ts';
import { API_VERSION, type Kind } from '../../core/resources/kinds.ts';
import type { EventRecorder } from '../events/recorder.ts';
import { isGone } from '../kube/api-error.ts';
import { OWN_RESOURCES } from '../kube/api-resources.ts';
import type { KubeWriter } from '../kube/client.ts';
import { NotLeader } from '../leader/leadership.ts';
import type { Proxies } from '../proxies/proxies.ts';
import type { TaskOutcome } from '../task.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Cluster } from '../watch/cluster.ts';
import type { ResourceEntry } from '../watch/resource-entry.ts';
import { conditionsOf, type Findings } from './conditions.ts';
import { outcomeChanges } from './outcome-changes.ts';
import { Programming } from './programming.ts';
import type { StatusBody } from '../watch/stored-status.ts';
import { statusBody, type Desired } from './status-body.ts';
import { transitions } from './transitions.ts';
import { WorkQueue } from '../kube/work-queue.ts';

export interface StatusesOptions {
  cluster: Cluster;
  proxies: Proxies;
  writer: KubeWriter;
  recorder: EventRecorder;
  metrics: Metrics;
  log: Logger;
}

const FIELD_MANAGER = 'modelgate-operator';
const AT_ONCE = 16;

/**
 * Writes what became of each object into its status, when that is not what stands there. An object is looked at
 * when compile, a task or a proxy has news of it, and when somebody else changed it.
 */
export class Statuses {
  readonly #options: StatusesOptions;
  readonly #programming = new Programming();
  readonly #queue: WorkQueue;
  #compiled = new Map<string, Status>();
  /** Undefined until the tasks have run once: what they wrote before is not to be removed meanwhile. */
  #outcome: TaskOutcome | undefined;
  #lastGood: ReadonlySet<string> = new Set();
  #leads = false;

  constructor(options: StatusesOptions) {
    this.#options = options;
    const failed = (key: string, error: unknown): void => {
      options.metrics.statusWritten('error');
      options.log.warn({ object: key, error: (error as Error).message }, 'a status cannot be written');
    };
    this.#queue = new WorkQueue({ atOnce: AT_ONCE, work: (key) => this.#look(key), failed });
  }

  /** This process leads from now on. @param revision that was published last, by whomever */
  begin(revision: string | undefined): void {
    this.#programming.restart(revision);
    this.#programming.serve(this.#options.proxies.revisions());
    this.#compiled = new Map();
    this.#outcome = undefined;
    this.#leads = true;
  }

  end(): void {
    this.#leads = false;
    this.#queue.clear();
  }

  stop(): void {
    this.end();
    this.#queue.stop();
  }

  /**
   * The configuration is published, and these are the statuses that belong to it.
   * @param lastGood objects, by `Kind/namespace/name`, that are in it by an earlier form
   */
  published(config: Config, statuses: readonly Status[], lastGood: ReadonlySet<string>): void {
    this.#lastGood = lastGood;
    this.#programming.published(config.revision);
    const before = this.#compiled;
    this.#compiled = new Map(statuses.map((status) => [keyOf(status), status]));
    for (const key of before.keys()) if (!this.#compiled.has(key)) this.#programming.forget(key);
    for (const [key, status] of this.#compiled) {
      const isNewForm = this.#track(key, status, config);
      if (status.generation !== before.get(key)?.generation) this.#queue.forgive(key);
      if (isNewForm || !isSame(status, before.get(key))) this.#queue.add(key);
    }
  }

  /** Tasks have run. */
  taskResults(outcome: TaskOutcome): void {
    const before = this.#outcome;
    this.#outcome = outcome;
    const keys = before === undefined ? this.#compiled.keys() : outcomeChanges(before, outcome);
    for (const key of keys) this.#queue.add(key);
  }

  /** Another set of proxies runs, or they serve something else. */
  proxiesChanged(): void {
    const { proxies } = this.#options;
    if (!this.#leads) return;
    if (proxies.absent) this.#programming.unsettle();
    const waiting = [...this.#programming.unsettled()];
    this.#programming.serve(proxies.revisions());
    for (const key of waiting) this.#queue.add(key);
  }

  /** The current publication, and the newest one that all proxies have: see TaskInput. */
  get reach(): { publication: number; everywhere: number } {
    const { publication, everywhere } = this.#programming;
    return { publication, everywhere };
  }

  /** Something about the object has changed; perhaps only the status, and perhaps by our own hand. */
  touched(key: string): void {
    if (this.#leads && this.#compiled.has(key)) this.#queue.add(key);
  }

  #track(key: string, { kind, namespace, name, generation = 0 }: Status, config: Config): boolean {
    const inConfig = sectionOf(config, kind as Kind)[`${namespace}/${name}`] !== undefined;
    const included = inConfig && !this.#lastGood.has(key);
    const wasSettled = (): boolean => this.#wasSettled(key, generation);
    return this.#programming.track(key, { generation, included, wasSettled });
  }

  #wasSettled(key: string, generation: number): boolean {
    const { observedGeneration, conditions } = this.#options.cluster.entry(key)?.status ?? {};
    const programmed = conditions?.find(({ type }) => type === 'Programmed')?.status;
    return programmed === 'True' && observedGeneration === generation;
  }

  async #look(key: string): Promise<void> {
    const entry = this.#options.cluster.entry(key);
    const body = entry && this.#bodyFor(key, entry);
    if (!this.#leads || body === undefined) return;
    const { writer, cluster, recorder, metrics } = this.#options;
    const { kind, namespace, name, uid } = entry!;
    try {
      const object = { apiVersion: API_VERSION, kind, metadata: { namespace, name, uid }, status: body };
      const options = { fieldManager: FIELD_MANAGER, subresource: 'status' } as const;
      const written = await writer.apply(OWN_RESOURCES[kind], object, options);
      metrics.statusWritten('ok');
      const regarding = { apiVersion: API_VERSION, kind, namespace, name, uid };
      for (const event of transitions(regarding, entry!.status, body)) recorder.record(event);
      cluster.resources[kind].refresh(written);
    } catch (error) {
      if (!isGone(error) && !(error instanceof NotLeader)) throw error;
    }
  }

  #bodyFor(key: string, { status, generation }: ResourceEntry): StatusBody | undefined {
    const compiled = this.#compiled.get(key);
    const progress = this.#programming.of(key);
    // A generation that compile has not seen yet gets its status when it has.
    if (compiled?.generation !== generation || progress === undefined) return undefined;
    const { fields, ...found } = this.#taskFindings(key);
    const lastGood = this.#lastGood.has(key);
    const conditions = conditionsOf({ compiled: compiled.conditions, progress, lastGood, ...found });
    return statusBody(status, { generation, conditions, progress, fields }, Date.now());
  }

  #taskFindings(key: string): Pick<Findings, 'problem' | 'underWay'> & Pick<Desired, 'fields'> {
    if (this.#outcome === undefined) return { problem: undefined, underWay: false, fields: undefined };
    const { fields, problems, underWay } = this.#outcome;
    return {
      problem: problems?.get(key),
      underWay: underWay?.has(key) ?? false,
      fields: fields?.get(key) ?? {},
    };
  }
}

function keyOf({ kind, namespace, name }: Status): string {
  return `${kind}/${namespace}/${name}`;
}

function sectionOf(config: Config, kind: Kind): Readonly<Record<string, unknown>> {
  const sections: Record<Kind, Readonly<Record<string, unknown>>> = {
    ProviderCredential: config.credentials,
    ModelAlias: config.aliases,
    CallerKey: config.callers,
    TrafficPolicy: config.policies,
  };
  return sections[kind];
}

function isSame({ conditions: a }: Status, before: Status | undefined): boolean {
  const b = before?.conditions;
  return (
    a.length === b?.length &&
    a.every(({ status, reason, message }, i) => {
      const other = b[i]!;
      return status === other.status && reason === other.reason && message === other.message;
    })
  );
}
