import type { Logger } from 'pino';
import { compile, rememberingReader, type Input } from '../../core/compile/index.ts';
import { Egress } from '../../core/net/egress.ts';
import type { Resource } from '../../core/resources/kinds.ts';
import { Backoff } from '../kube/backoff.ts';
import type { KubeWriter } from '../kube/client.ts';
import type { Leadership } from '../leader/leadership.ts';
import type { EventRecorder } from '../events/recorder.ts';
import type { Publisher } from '../publish/publisher.ts';
import type { SecretValues } from '../secrets/secret-values.ts';
import { SecretReferences } from '../secrets/references.ts';
import type { Statuses } from '../status/statuses.ts';
import type { Task, TaskWorld } from '../task.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Cluster } from '../watch/cluster.ts';
import { nextExpiry } from './next-expiry.ts';
import { Holdoff } from './holdoff.ts';
import { TaskRunner } from './task-runner.ts';
import { WakeUp } from './wake-up.ts';

export interface ReconcilerOptions {
  cluster: Cluster;
  secrets: SecretValues;
  publisher: Publisher;
  statuses: Statuses;
  leadership: Leadership;
  writer: KubeWriter;
  recorder: EventRecorder;
  tasks: readonly Task[];
  /** What compile is told in every case. */
  input: Partial<Input>;
  metrics: Metrics;
  log: Logger;
}

type Compiled = ReturnType<typeof compile>;

const HOLDOFF = { quiet: 50, longest: 250 };

/**
 * What happens when something has changed: read, compile and, as the leader, publish, then hand the statuses on and
 * let the tasks run. A follower does all but write, so that it can take over at once.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #holdoff = new Holdoff(() => this.#reconcile(), HOLDOFF);
  readonly #backoff = new Backoff(1_000, 5_000);
  readonly #references = new SecretReferences();
  readonly #read = rememberingReader();
  readonly #egress: Egress;
  readonly #tasks: TaskRunner;
  readonly #expiry = new WakeUp(() => this.poke());
  readonly #taskTime = new WakeUp(() => this.poke());
  readonly #retry = new WakeUp(() => this.poke());
  #began = false;
  #runTasks = (): void => {};

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#egress = new Egress(options.input.egress);
    const { tasks, log, statuses } = options;
    this.#tasks = new TaskRunner({
      tasks,
      log,
      poke: () => this.poke(),
      done: (outcome) => {
        if (!this.#began) return;
        statuses.taskResults(outcome);
        this.#taskTime.set(this.#tasks.wakeAt);
      },
    });
  }

  poke(): void {
    this.#holdoff.poke();
  }

  /** Other proxies run, or they serve something else: tasks may have waited for it. */
  proxiesChanged(): void {
    this.#options.statuses.proxiesChanged();
    if (this.#began) this.#runTasks();
  }

  /** Leadership began or ended. */
  leadershipChanged(): void {
    this.#began = false;
    this.#runTasks = () => {};
    this.#options.publisher.forget();
    this.#options.statuses.end();
    this.#tasks.reset();
    this.poke();
  }

  async stop(): Promise<void> {
    for (const timer of [this.#expiry, this.#taskTime, this.#retry]) timer.stop();
    this.#options.statuses.stop();
    await Promise.all([this.#holdoff.stop(), this.#tasks.stop()]);
  }

  async #reconcile(): Promise<void> {
    const startedAt = performance.now();
    const { metrics, log } = this.#options;
    try {
      await this.#pass();
      this.#backoff.reset();
      metrics.reconciled('ok', (performance.now() - startedAt) / 1_000);
    } catch (error) {
      metrics.reconciled('error', (performance.now() - startedAt) / 1_000);
      const wait = this.#backoff.next();
      this.#retry.set(Date.now() + wait);
      log.warn({ error: (error as Error).message, wait: Math.round(wait) }, 'reconcile failed');
    }
  }

  async #pass(): Promise<void> {
    const documents = Array.from(this.#options.cluster.entries(), ({ document }) => document);
    const resources = documents.flatMap((document) => {
      const reading = this.#read(document, this.#egress);
      return reading.ok ? [reading.resource] : [];
    });
    await this.#refreshSecrets(documents, resources);
    const world = this.#world(resources);
    const compiled = this.#compile(documents, world);
    this.#expiry.set(nextExpiry(compiled.config, world.now));
    if (this.#options.leadership.holds) await this.#act(compiled, world);
  }

  /** Secrets that cannot be read now are tried again; what compiles without them need not wait. */
  async #refreshSecrets(documents: readonly object[], resources: readonly Resource[]): Promise<void> {
    const { secrets, tasks } = this.#options;
    const wanted = this.#references.of(documents);
    for (const task of tasks) for (const id of task.secrets?.(resources) ?? []) wanted.add(id);
    if (!(await secrets.refresh(wanted))) this.#retry.set(Date.now() + this.#backoff.next());
  }

  #world(resources: readonly Resource[]): TaskWorld {
    const { secrets, cluster } = this.#options;
    return {
      resources,
      secret: (id) => secrets.get(id),
      secretMetadata: (id) => cluster.secrets.get(id)?.metadata,
      now: Date.now(),
    };
  }

  #compile(documents: readonly object[], world: TaskWorld): Compiled {
    const { cluster, secrets, tasks, input: always } = this.#options;
    const namespaces = Object.fromEntries(
      Array.from(cluster.namespaces.entries(), ([name, { metadata }]) => [name, metadata.labels ?? {}]),
    );
    const extra = tasks.map((task): Partial<Input> => task.input?.(world) ?? {});
    const found = { resources: documents, read: this.#read, secrets: secrets.all(), namespaces };
    return compile(Object.assign({}, always, found, ...extra, { now: world.now }) as Input);
  }

  async #act({ config, statuses: found }: Compiled, world: TaskWorld): Promise<void> {
    const { publisher, statuses, metrics, writer, recorder, log } = this.#options;
    if (!this.#began) {
      statuses.begin(await publisher.resume());
      this.#began = true;
    }
    if (await publisher.publish(config)) {
      log.info({ revision: config.revision }, 'published');
      metrics.published(config.revision);
    }
    statuses.published(config, found);
    const record = recorder.record.bind(recorder);
    const input = { ...world, statuses: found, config, writer, record };
    this.#runTasks = () => this.#tasks.run({ ...input, now: Date.now(), ...statuses.reach });
    this.#runTasks();
  }
}
