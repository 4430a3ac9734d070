import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiClient, type ApiAnswer, type ApiRequest } from './api-client.ts';
import { helmProgram, type HelmVersion, kubernetesPrograms } from './build/programs.ts';
import { command, type CommandResult } from './command.ts';
import { type Component, type ControlPlane, haveAuthority, prepare } from './control-plane.ts';
import { Daemon, startReaper, type Reaper } from './daemon.ts';
import { compactEtcd } from './etcd.ts';
import { kubeconfig } from './kubeconfig.ts';

export interface ClusterOptions {
  /** Controllers of kube-controller-manager to run; by default those that tests without nodes can see. */
  readonly controllers?: readonly string[];
  /** Further arguments of kube-apiserver. */
  readonly apiArgs?: readonly string[];
}

export interface TokenOptions {
  /** The API server itself by default. */
  readonly audience?: string;
  /** Seconds; the API server allows no less than 600. */
  readonly expirationSeconds?: number;
}

const CONTROLLERS = [
  'serviceaccount-controller',
  'root-ca-certificate-publisher-controller',
  'namespace-controller',
  'garbage-collector-controller',
  'clusterrole-aggregation-controller',
  'deployment-controller',
  'replicaset-controller',
  'disruption-controller',
];

/** Starts a cluster; about four seconds once the programs are built. Call `stop()` when done with it. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const programs = await kubernetesPrograms();
  const folder = mkdtempSync(join(tmpdir(), 'modelgate-cluster-'));
  const reaper = startReaper(folder);
  const { controllers = CONTROLLERS, apiArgs = [] } = options;
  const plane = await prepare({ folder, programs, reaper, controllers, apiArgs });
  const { etcd, apiserver, kcm } = plane.daemons;
  try {
    etcd.start();
    apiserver.start();
    await apiserver.ready(async () => haveAuthority(plane.caFile, folder));
    const cluster = new Cluster({ folder, programs, reaper, plane });
    await cluster.apiReady();
    kcm.start();
    await kcm.ready(
      async () => (await cluster.api('/api/v1/namespaces/default/serviceaccounts/default')).status === 200,
    );
    return cluster;
  } catch (error) {
    await reaper.close();
    throw error;
  }
}

interface Parts {
  readonly folder: string;
  readonly programs: string;
  readonly reaper: Reaper;
  readonly plane: ControlPlane;
}

export class Cluster {
  readonly url: string;
  readonly caFile: string;
  /** The administrator's. */
  readonly kubeconfig: string;
  /** For whatever a test wants to lay down; gone after `stop()`. */
  readonly folder: string;
  /** JSON lines: every write of everybody, without bodies. */
  readonly auditLog: string;
  readonly #parts: Parts;
  readonly #client: ApiClient;
  readonly #guests: Daemon[] = [];

  constructor(parts: Parts) {
    const { folder, plane } = parts;
    this.#parts = parts;
    this.url = plane.url;
    this.caFile = plane.caFile;
    this.folder = folder;
    this.auditLog = plane.auditLog;
    this.#client = new ApiClient(plane.url, plane.adminToken, readFileSync(plane.caFile, 'utf8'));
    this.kubeconfig = join(folder, 'admin.kubeconfig');
    writeFileSync(this.kubeconfig, kubeconfig({ ...plane, user: 'admin', token: plane.adminToken }), {
      mode: 0o600,
    });
  }

  kubectl(args: readonly string[], stdin?: string): Promise<CommandResult> {
    return command(join(this.#parts.programs, 'kubectl'), args, { env: this.#environment(), stdin });
  }

  async helm(version: HelmVersion, args: readonly string[], stdin?: string): Promise<CommandResult> {
    return command(await helmProgram(version), args, { env: this.#environment(), stdin });
  }

  /** One plain request, as the administrator unless a token says otherwise. */
  api(path: string, request: ApiRequest = {}): Promise<ApiAnswer> {
    return this.#client.request(path, request);
  }

  /** A token such as a pod of that ServiceAccount would find. Throws when there is no such account. */
  async tokenFor(namespace: string, serviceAccount: string, options: TokenOptions = {}): Promise<string> {
    const { audience, expirationSeconds = 3600 } = options;
    const answer = await this.api(`/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`, {
      method: 'POST',
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds, ...(audience !== undefined && { audiences: [audience] }) },
      },
    });
    if (answer.status !== 201) throw new Error(`no token: ${JSON.stringify(answer.body)}`);
    return (answer.body as { status: { token: string } }).status.token;
  }

  /** The path of a kubeconfig with such a token, and with that namespace as the default. */
  async kubeconfigFor(
    namespace: string,
    serviceAccount: string,
    options: TokenOptions = {},
  ): Promise<string> {
    const file = join(this.folder, `${namespace}-${serviceAccount}.kubeconfig`);
    const token = await this.tokenFor(namespace, serviceAccount, options);
    const { url, caFile } = this;
    writeFileSync(file, kubeconfig({ url, caFile, user: serviceAccount, token, namespace }), { mode: 0o600 });
    return file;
  }

  async restartApi({ signal = 'SIGTERM', downtime = 0 }: RestartOptions = {}): Promise<void> {
    await this.stopApi(signal);
    await sleep(downtime);
    await this.startApi();
  }

  /** Resolves when nobody answers any more. */
  async stopApi(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { apiserver } = this.#parts.plane.daemons;
    const stopped = apiserver.stop(signal, 5000);
    // The first asks it to wait for open watches, up to a minute; the second not to.
    const again = setTimeout(() => apiserver.pid !== undefined && apiserver.signal('SIGTERM'), 300);
    await stopped;
    clearTimeout(again);
  }

  /** Resolves when the API server is ready. */
  async startApi(): Promise<void> {
    this.#parts.plane.daemons.apiserver.start();
    await this.apiReady();
  }

  /** Resolves when the API server says that it is ready. */
  apiReady(): Promise<void> {
    return this.#parts.plane.daemons.apiserver.ready(() =>
      this.api('/readyz').then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  }

  async stopEtcd(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#parts.plane.daemons.etcd.stop(signal);
  }

  startEtcd(): void {
    this.#parts.plane.daemons.etcd.start();
  }

  /** Compacts etcd up to its newest revision: older ones cannot be read or watched from there any more. */
  compactEtcd(): Promise<void> {
    return compactEtcd(this.#parts.plane.etcdUrl);
  }

  /** Holds a component, as if its machine stood still. */
  pause(component: Component): void {
    this.#parts.plane.daemons[component].signal('SIGSTOP');
  }

  resume(component: Component): void {
    this.#parts.plane.daemons[component].signal('SIGCONT');
  }

  /** All that a component has written so far. */
  logs(component: Component): string {
    return this.#parts.plane.daemons[component].log();
  }

  /**
   * Starts a process that belongs to the cluster: what it writes goes to `<name>.log` in the folder, and it ends with
   * the cluster, whatever becomes of this process.
   */
  run(name: string, program: string, args: readonly string[]): Daemon {
    const { reaper } = this.#parts;
    const daemon = new Daemon({
      name,
      command: program,
      args,
      logFile: join(this.folder, `${name}.log`),
      reaper,
    });
    this.#guests.push(daemon);
    daemon.start();
    return daemon;
  }

  /** The pid of a component, unless it is stopped. */
  pid(component: Component): number | undefined {
    return this.#parts.plane.daemons[component].pid;
  }

  /** Ends all processes of the cluster and removes its folder. */
  async stop(): Promise<void> {
    const { daemons } = this.#parts.plane;
    await this.#client.close();
    // Nothing of it is kept, so nobody needs time to say good-bye.
    await Promise.all([...Object.values(daemons), ...this.#guests].map((daemon) => daemon.stop('SIGKILL')));
    await this.#parts.reaper.close();
  }

  /** Configuration and caches of kubectl and Helm stay in the folder of the cluster. */
  #environment(): NodeJS.ProcessEnv {
    const inside = (name: string): string => join(this.folder, name);
    return {
      KUBECONFIG: this.kubeconfig,
      KUBECACHEDIR: inside('kubectl-cache'),
      KUBERC: 'off',
      HELM_CACHE_HOME: inside('helm-cache'),
      HELM_CONFIG_HOME: inside('helm-config'),
      HELM_DATA_HOME: inside('helm-data'),
    };
  }
}

export interface RestartOptions {
  readonly signal?: NodeJS.Signals;
  /** Milliseconds between the end of the old process and the start of the new one. */
  readonly downtime?: number;
}
