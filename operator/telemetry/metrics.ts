import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What the operator counts. Names and labels never hold anything that a tenant wrote, except kinds. */
export class Metrics {
  readonly registry = new Registry();
  readonly #reconciles = this.#counter('modelgate_operator_reconciles_total', 'Reconciles, by result.', [
    'result',
  ]);
  readonly #duration = new Histogram({
    name: 'modelgate_operator_reconcile_duration_seconds',
    help: 'Time from the begin of a reconcile to the published configuration.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  });
  readonly #watches = this.#counter(
    'modelgate_operator_watch_restarts_total',
    'Lists made and watches that broke, by kind.',
    ['kind', 'what'],
  );
  readonly #statuses = this.#counter(
    'modelgate_operator_status_writes_total',
    'Statuses written, by result.',
    ['result'],
  );
  readonly #publishes = this.#counter('modelgate_operator_publishes_total', 'Configurations published.', []);
  readonly #events = this.#counter('modelgate_operator_events_total', 'Kubernetes events, by result.', [
    'result',
  ]);
  readonly #revision = new Gauge({
    name: 'modelgate_operator_revision_info',
    help: 'The revision that is published, in the label.',
    labelNames: ['revision'],
    registers: [this.registry],
  });
  readonly #leader = new Gauge({
    name: 'modelgate_operator_leader',
    help: '1 while this process leads and writes, else 0.',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  reconciled(result: 'ok' | 'error', seconds: number): void {
    this.#reconciles.inc({ result });
    this.#duration.observe(seconds);
  }

  /** Counts for one kind. */
  watch(kind: string): (what: 'list' | 'watch_error') => void {
    return (what) => this.#watches.inc({ kind, what });
  }

  statusWritten(result: 'ok' | 'error'): void {
    this.#statuses.inc({ result });
  }

  eventWritten(result: 'ok' | 'error' | 'dropped'): void {
    this.#events.inc({ result });
  }

  published(): void {
    this.#publishes.inc();
  }

  /** The revision that is published, by this process or by one before it. */
  current(revision: string): void {
    this.#revision.reset();
    this.#revision.set({ revision }, 1);
  }

  leads(yes: boolean): void {
    this.#leader.set(yes ? 1 : 0);
  }

  /** Objects held, by kind, asked for at each scrape. */
  observeObjects(count: () => [kind: string, objects: number][]): void {
    this.#gauge('modelgate_operator_objects', 'Objects held in memory, by kind.', ['kind'], (gauge) => {
      for (const [kind, objects] of count()) gauge.set({ kind }, objects);
    });
  }

  /** Proxies that count, asked for at each scrape. */
  observeProxies(count: () => { ready: number; current: number }): void {
    this.#gauge('modelgate_operator_proxies', 'Proxies that run.', [], (gauge) => gauge.set(count().ready));
    this.#gauge(
      'modelgate_operator_proxies_programmed',
      'Proxies that serve the revision that is published.',
      [],
      (gauge) => gauge.set(count().current),
    );
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge(name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => void): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect: () => collect(gauge),
    });
  }
}
