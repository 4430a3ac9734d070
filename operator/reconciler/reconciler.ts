import type { Logger } from 'pino';
import type { EventRecorder } from '../events/recorder.ts';
import { Backoff } from '../kube/backoff.ts';
import type { KubeWriter } from '../kube/client.ts';
import type { Leadership } from '../leader/leadership.ts';
import type { Publisher } from '../publish/publisher.ts';
import type { Statuses } from '../status/statuses.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { Compilation, type CompilationOptions, type Compiled } from './compilation.ts';
import { Holdoff } from './holdoff.ts';
import { nextExpiry } from './next-expiry.ts';
import { TaskRunner } from './task-runner.ts';
import { WakeUp } from './wake-up.ts';

export interface ReconcilerOptions extends CompilationOptions {
  publisher: Publisher;
  statuses: Statuses;
  leadership: Leadership;
  writer: KubeWriter;
  recorder: EventRecorder;
  metrics: Metrics;
  log: Logger;
}

const HOLDOFF = { quiet: 50, longest: 250 };

/**
 * What happens when something has changed: read, compile and, as the leader, publish, then hand the statuses on and
 * let the tasks run. A follower does all but write, so that it can take over at once.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #holdoff = new Holdoff(() => this.#reconcile(), HOLDOFF);
  readonly #backoff = new Backoff(1_000, 5_000);
  readonly #secretsBackoff = new Backoff(1_000, 60_000);
  readonly #compilation: Compilation;
  readonly #tasks: TaskRunner;
  readonly #expiry = new WakeUp(() => this.poke());
  readonly #taskTime = new WakeUp(() => this.poke());
  readonly #retry = new WakeUp(() => this.poke());
  readonly #secretsRetry = new WakeUp(() => this.poke());
  #began = false;
  #term = 0;
  #runTasks = (): void => {};

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#compilation = new Compilation(options);
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
    this.#term += 1;
    this.#runTasks = () => {};
    this.#options.publisher.forget();
    this.#options.statuses.end();
    this.#tasks.reset();
    this.poke();
  }

  async stop(): Promise<void> {
    for (const timer of [this.#expiry, this.#taskTime, this.#retry, this.#secretsRetry]) timer.stop();
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
    const term = this.#term;
    const compiled = await this.#compilation.run();
    this.#expiry.set(nextExpiry(compiled.config, compiled.world.now));
    if (compiled.incomplete) this.#secretsRetry.set(Date.now() + this.#secretsBackoff.next());
    else this.#secretsBackoff.reset();
    if (this.#options.leadership.holds && term === this.#term) await this.#act(compiled, term);
  }

  /** @param term ends with the leadership, and what is under way then comes to nothing */
  async #act({ world, config, statuses: found, lastGood }: Compiled, term: number): Promise<void> {
    const { publisher, statuses, writer, recorder } = this.#options;
    const before = await publisher.resume();
    const written = await publisher.publish(config);
    this.#tell(config.revision, written);
    if (term !== this.#term) return;
    if (!this.#began) statuses.begin(before);
    this.#began = true;
    statuses.published(config, found, lastGood);
    const record = recorder.record.bind(recorder);
    const input = { ...world, statuses: found, config, writer, record };
    this.#runTasks = () => this.#tasks.run({ ...input, now: Date.now(), ...statuses.reach });
    this.#runTasks();
  }

  #tell(revision: string, written: boolean): void {
    this.#options.metrics.current(revision);
    if (!written) return;
    this.#options.metrics.published();
    this.#options.log.info({ revision }, 'published');
  }
}
