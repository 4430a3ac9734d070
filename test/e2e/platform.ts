import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../cli/command.ts';
import { Lines } from '../cli/serving.ts';
import { startCluster, type Cluster, type ClusterOptions } from '../cluster/index.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';

export const NAMESPACE = 'modelgate';
const CHART = join(import.meta.dirname, '../../helm/modelgate');
/** What of the chart means something without nodes. */
const KINDS = new Set([
  'CustomResourceDefinition',
  'ServiceAccount',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
]);

export interface PlatformOptions extends ClusterOptions {
  /** The command line to run instead of the sources. */
  bin?: string;
}

/** A process of ours that says on which ports it listens. */
export interface Process {
  name: string;
  port: number;
  adminPort: number;
  /** Its log. */
  logged: Lines;
  said: Lines;
  kill: (signal: NodeJS.Signals) => void;
  exit: Promise<number | null>;
}

export interface Proxy extends Process {
  /** What an SDK takes as its base URL. */
  url: string;
}

/**
 * A whole installation: what the chart renders, on a real API server; operators and proxies as processes of the host,
 * each with a token of its ServiceAccount, so with the chart's rights and no others; a provider.
 */
export class Platform {
  readonly cluster: Cluster;
  readonly upstream: Upstream;
  readonly processes: Process[] = [];
  readonly #tokenFile: string;
  #bin: string | undefined;

  private constructor(cluster: Cluster, upstream: Upstream, tokenFile: string) {
    this.cluster = cluster;
    this.upstream = upstream;
    this.#tokenFile = tokenFile;
  }

  static async start(options: PlatformOptions = {}): Promise<Platform> {
    const cluster = await startCluster(options);
    const tokenFile = join(cluster.folder, 'proxy-token');
    const platform = new Platform(cluster, await startUpstream(), tokenFile);
    platform.#bin = options.bin;
    await platform.#install();
    writeFileSync(tokenFile, await cluster.tokenFor(NAMESPACE, 'modelgate-proxy'));
    return platform;
  }

  async #install(): Promise<void> {
    const { code, stdout, stderr } = await this.cluster.helm(4, [
      'template',
      'modelgate',
      CHART,
      '--namespace',
      NAMESPACE,
    ]);
    assert.equal(code, 0, stderr);
    await this.apply(`{apiVersion: v1, kind: Namespace, metadata: {name: ${NAMESPACE}}}`);
    const kept = stdout.split(/^---$/m).filter((text) => KINDS.has(/^kind: (\w+)$/m.exec(text)?.[1] ?? ''));
    await this.apply(kept.join('\n---\n'));
    const crds = ['modelaliases', 'providercredentials', 'callerkeys', 'trafficpolicies'];
    await this.kubectl(
      'wait',
      '--for=condition=Established',
      ...crds.map((name) => `crd/${name}.modelgate.dev`),
    );
  }

  /** Runs kubectl as the administrator; fails when it does. @returns what it prints */
  async kubectl(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.cluster.kubectl(args);
    assert.equal(code, 0, `kubectl ${args.join(' ')}\n${stdout}${stderr}`);
    return stdout;
  }

  async apply(yaml: string): Promise<void> {
    const { code, stderr } = await this.cluster.kubectl(
      ['apply', '--server-side', '--force-conflicts', '-f', '-'],
      yaml,
    );
    assert.equal(code, 0, stderr);
  }

  async startOperator(name: string, args: readonly string[] = []): Promise<Process> {
    const kubeconfig = await this.cluster.kubeconfigFor(NAMESPACE, 'modelgate-operator');
    const where = ['--kubeconfig', kubeconfig, '--namespace', NAMESPACE, '--pod-name', name];
    const here = ['--host', '127.0.0.1', '--admin-port', '0', '--allow-private-upstreams', 'true'];
    return this.#start(name, ['operator', ...where, ...here, ...args]);
  }

  /** @param cacheDir of an earlier one, when it is to be the same pod that starts again */
  async startProxy(name: string, cacheDir = this.folder()): Promise<Proxy> {
    const { url, caFile } = this.cluster;
    const where = ['--api-server', url, '--ca-file', caFile, '--token-file', this.#tokenFile];
    const self = ['--namespace', NAMESPACE, '--pod-name', name, '--cache-dir', cacheDir];
    const here = ['--host', '127.0.0.1', '--port', '0', '--admin-port', '0', '--drain-timeout', '5s'];
    const started = await this.#start(name, ['proxy', ...where, ...self, ...here]);
    return { ...started, url: `http://127.0.0.1:${started.port}/v1` };
  }

  folder(): string {
    return mkdtempSync(join(this.cluster.folder, 'folder-'));
  }

  async #start(name: string, command: readonly string[]): Promise<Process> {
    const child = start(command, this.#bin === undefined ? {} : { bin: this.#bin });
    const exit = once(child, 'exit').then(([code]) => code as number | null);
    const [logged, said] = [new Lines(child.stdout), new Lines(child.stderr)];
    const kill = (signal: NodeJS.Signals): void => void child.kill(signal);
    const starting = { name, port: 0, adminPort: 0, logged, said, kill, exit };
    const at = this.processes.push(starting) - 1;
    const line = await logged.find(/"listening"/).catch((error: unknown) => {
      throw new Error(`${name} did not start: ${said.all.join('\n')}`, { cause: error });
    });
    const ports = JSON.parse(line) as { port?: number; adminPort: number };
    this.processes[at] = { ...starting, port: ports.port ?? 0, adminPort: ports.adminPort };
    return this.processes[at];
  }

  /** Everything that operators and proxies have written so far. */
  logs(): string {
    return this.processes.flatMap(({ logged, said }) => [...logged.all, ...said.all]).join('\n');
  }

  async stop(): Promise<void> {
    for (const { kill } of this.processes) kill('SIGKILL');
    await Promise.all(this.processes.map(({ exit }) => exit));
    await Promise.all([this.cluster.stop(), this.upstream.stop()]);
  }
}
