import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as yaml from 'js-yaml';
import { helmProgram, KUBERNETES_VERSION, type HelmVersion } from '../cluster/build/programs.ts';
import { command, type CommandResult } from '../cluster/command.ts';

const ROOT = join(import.meta.dirname, '../..');
export const CHART = join(ROOT, 'helm/modelgate');
export const HELM_VERSIONS: readonly HelmVersion[] = [3, 4];

/** Values to try the chart with: name → file. */
export const VALUES: ReadonlyMap<string, string> = new Map(
  globSync(join(CHART, 'ci/*.yaml')).map((file) => [basename(file, '.yaml'), file]),
);

const home = mkdtempSync(join(tmpdir(), 'modelgate-helm-'));
process.on('exit', () => rmSync(home, { recursive: true, force: true }));

/** Helm without a cluster. */
export async function helm(version: HelmVersion, args: readonly string[]): Promise<CommandResult> {
  const env = {
    HELM_CACHE_HOME: home,
    HELM_CONFIG_HOME: home,
    HELM_DATA_HOME: home,
    KUBECONFIG: join(home, 'none'),
  };
  return command(await helmProgram(version), args, { env });
}

/** An object of Kubernetes, as far as tests look at it. */
export interface Rendered {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: Record<string, unknown>;
  data?: Record<string, string>;
}

interface Container {
  image: string;
  command?: string[];
  args: string[];
  env: { name: string; value?: string }[];
  ports: { name: string; containerPort: number }[];
  lifecycle?: unknown;
}

/** Of a Deployment. */
export interface PodTemplate {
  metadata: { labels: Record<string, string> };
  spec: { containers: [Container]; terminationGracePeriodSeconds: number; [field: string]: unknown };
}

export const podOf = (deployment: Rendered): PodTemplate => deployment.spec['template'] as PodTemplate;

/** The objects that the chart makes, in a release `gw` in the namespace `mg`. Throws with what Helm says. */
export async function render(version: HelmVersion, ...args: string[]): Promise<Rendered[]> {
  const kubernetes = ['--kube-version', KUBERNETES_VERSION];
  const { code, stdout, stderr } = await helm(version, [
    'template',
    'gw',
    CHART,
    '-n',
    'mg',
    ...kubernetes,
    ...args,
  ]);
  if (code !== 0) throw new Error(stderr);
  return (yaml.loadAll(stdout) as (Rendered | null)[]).filter((object) => object !== null);
}

/** One object of those, by kind and the end of its name. */
export function pick(objects: readonly Rendered[], kind: string, suffix = ''): Rendered {
  const found = objects.find((object) => object.kind === kind && object.metadata.name.endsWith(suffix));
  if (found === undefined) throw new Error(`no ${kind} …${suffix}`);
  return found;
}

export const readChart = (path: string): string => readFileSync(join(CHART, path), 'utf8');
export const readRoot = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
