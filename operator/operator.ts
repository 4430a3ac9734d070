import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Input } from '../core/compile/index.ts';
import { EventRecorder } from './events/recorder.ts';
import type { ClusterAccess } from './kube/access.ts';
import { KubeClient } from './kube/client.ts';
import { Elector } from './leader/elector.ts';
import { Leadership } from './leader/leadership.ts';
import type { OperatorOptions } from './options.ts';
import { Proxies } from './proxies/proxies.ts';
import { Publisher } from './publish/publisher.ts';
import { Reconciler } from './reconciler/reconciler.ts';
import { SecretValues } from './secrets/secret-values.ts';
import { Statuses } from './status/statuses.ts';
import type { Task } from './task.ts';
import { AdminServer } from './telemetry/admin-server.ts';
import { Metrics } from './telemetry/metrics.ts';
import { Cluster } from './watch/cluster.ts';

/** What an operator is made with. */
export interface Setup {
  options: OperatorOptions;
  access: ClusterAccess;
  /** Where proxies are, and the configuration is published. */
  namespace: string;
  /** What this process is called. */
  instance: string;
  tasks: readonly Task[];
  log: Logger;
}

/** All parts of the operator, wired: the cluster is watched, its state compiled, and the result written back. */
export class Operator {
  readonly #setup: Setup;
  readonly #metrics = new Metrics();
  readonly #leadership = new Leadership();
  readonly #client: KubeClient;
  /** The same server, but only while this process leads. */
  readonly #writer: KubeClient;
  readonly #proxies: Proxies;
  readonly #cluster: Cluster;
  readonly #secrets: SecretValues;
  readonly #recorder: EventRecorder;
  readonly #statuses: Statuses;
  readonly #reconciler: Reconciler;
  readonly #elector: Elector;
  readonly #admin: AdminServer;
  readonly #watching = new AbortController();
  readonly #standing = new AbortController();
  #election: Promise<void> | undefined;
  #ready = false;

  constructor(setup: Setup) {
    this.#setup = setup;
    const { access, log, instance, namespace, options } = setup;
    const metrics = this.#metrics;
    const userAgent = `modelgate-operator/${instance}`;
    this.#client = new KubeClient(access, { userAgent });
    this.#writer = new KubeClient(access, { userAgent, beforeSend: this.#leadership.require });
    this.#proxies = new Proxies(() => this.#reconciler.proxiesChanged());
    this.#cluster = this.#newCluster();
    this.#secrets = new SecretValues(this.#client, this.#cluster.secrets, log);
    this.#recorder = new EventRecorder({ writer: this.#writer, instance, metrics });
    this.#statuses = this.#newStatuses();
    this.#reconciler = this.#newReconciler();
    this.#elector = this.#newElector();
    this.#admin = new AdminServer({
      host: options.host,
      port: options.adminPort,
      registry: metrics.registry,
      ready: () => this.#ready,
    });
    log.debug({ namespace }, 'made');
  }

  /** @returns the port of `/readyz`, once it listens; the rest goes on behind it */
  async start(): Promise<number> {
    const port = await this.#admin.start();
    void this.#begin();
    return port;
  }

  /** Writes nothing more, gives the Lease back and ends all connections. */
  async stop(): Promise<void> {
    this.#ready = false;
    this.#standing.abort();
    await this.#election;
    this.#watching.abort();
    this.#recorder.stop();
    await this.#reconciler.stop();
    await Promise.all([this.#client.close(), this.#writer.close(), this.#admin.stop()]);
  }

  async #begin(): Promise<void> {
    const { signal } = this.#watching;
    await Promise.all([this.#cluster.start(signal), this.#startTasks(signal)]);
    if (signal.aborted) return;
    this.#proxies.start(signal);
    this.#ready = true;
    this.#setup.log.info('everything was listed');
    this.#reconciler.poke();
    this.#election = this.#elector.run(this.#standing.signal);
  }

  async #startTasks(signal: AbortSignal): Promise<void> {
    const { tasks, log } = this.#setup;
    const changed = (): void => void (this.#ready && this.#reconciler.poke());
    const around = { client: this.#client, log, signal, changed };
    await Promise.all(tasks.map(async (task) => task.start?.(around)));
  }

  #newCluster(): Cluster {
    const { options, namespace, log } = this.#setup;
    return new Cluster({
      client: this.#client,
      ownNamespace: namespace,
      namespaces: options.watchNamespaces,
      proxies: this.#proxies.sink,
      metrics: this.#metrics,
      log,
      // What happens before everything was listed once is half a world.
      resourceChanged: () => this.#ready && this.#reconciler.poke(),
      resourceTouched: (key) => this.#ready && this.#statuses.touched(key),
      secretChanged: (id) => this.#ready && this.#secrets.isWanted(id) && this.#reconciler.poke(),
    });
  }

  #newStatuses(): Statuses {
    return new Statuses({
      cluster: this.#cluster,
      proxies: this.#proxies,
      writer: this.#writer,
      recorder: this.#recorder,
      metrics: this.#metrics,
      log: this.#setup.log,
    });
  }

  #newReconciler(): Reconciler {
    const { namespace, log, tasks, options } = this.#setup;
    const { allowPrivateUpstreams: allowPrivate, deniedCidrs: deniedCIDRs } = options;
    const publisher = new Publisher(this.#writer, namespace, log);
    this.#metrics.observeProxies(() => {
      const revisions = this.#proxies.revisions();
      const current = revisions.filter((one) => one !== undefined && one === publisher.revision);
      return { ready: revisions.length, current: current.length };
    });
    const input: Partial<Input> = { egress: { allowPrivate, deniedCIDRs } };
    return new Reconciler({
      cluster: this.#cluster,
      secrets: this.#secrets,
      publisher,
      statuses: this.#statuses,
      leadership: this.#leadership,
      writer: this.#writer,
      recorder: this.#recorder,
      tasks,
      input,
      metrics: this.#metrics,
      log,
    });
  }

  #newElector(): Elector {
    const { namespace, log, instance, options } = this.#setup;
    const changed = (leads: boolean): void => {
      this.#metrics.leads(leads);
      this.#reconciler.leadershipChanged();
    };
    return new Elector({
      client: this.#client,
      leadership: this.#leadership,
      namespace,
      name: options.leaseName,
      identity: `${instance}_${randomUUID()}`,
      log,
      began: () => changed(true),
      ended: () => changed(false),
    });
  }
}
