import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Config } from '../../core/config/config.ts';
import {
  CONFIG_LABEL,
  CONFIG_SECRET_TYPE,
  MANIFEST_KEY,
  MANIFEST_NAME,
  SHARD_KEY,
} from '../../core/publish/names.ts';
import { publish, type Published } from '../../core/publish/publish.ts';
import { start } from '../cli/command.ts';
import { Lines } from '../cli/serving.ts';
import type { ApiAnswer, Cluster } from '../cluster/index.ts';
import { CALLER_KEY, testConfig } from '../gateway/config.ts';

export const NAMESPACE = 'modelgate-system';
export const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`;
export const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`;

/** The namespace, and the proxy's ServiceAccount with exactly the rights that it is to have. */
export async function prepareNamespace(cluster: Cluster): Promise<void> {
  const rule = (apiGroups: string[], resources: string[], verbs: string[]) => ({
    apiGroups,
    resources,
    verbs,
  });
  const metadata = { name: 'proxy', namespace: NAMESPACE };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'proxy' };
  const rules = [
    rule([''], ['secrets'], ['get', 'list', 'watch']),
    rule(['coordination.k8s.io'], ['leases'], ['get', 'create', 'update']),
  ];
  const objects = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef,
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
  ];
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const { code, stderr } = await cluster.kubectl(['apply', '-f', '-'], list);
  assert.equal(code, 0, stderr);
}

interface Kind {
  /** Of the mock provider. */
  model?: string;
  change?: NonNullable<Parameters<typeof testConfig>[0]['change']>;
}

/**
 * An alias `chat` that is answered by a model of the mock provider, and a caller with CALLER_KEY.
 * @param mark makes it differ from others
 */
export function config(mark: string, { model = 'echo', change = (same) => same }: Kind = {}): Config {
  return testConfig({
    upstream: 'http://127.0.0.1:1',
    credential: { provider: 'Mock', keys: [`provider-key-${mark}`] },
    targets: [{ credential: 'team/up', model, weight: 1, priority: 0 }],
    change,
  });
}

/** Writes to Secrets as the operator does: shards first, then the manifest. */
export async function writePublished(cluster: Cluster, { manifest, shards }: Published): Promise<void> {
  for (const [name, bytes] of shards) {
    const answer = await putSecret(cluster, name, 'shard', { [SHARD_KEY]: bytes.toString('base64') });
    assert.ok([201, 409].includes(answer.status), JSON.stringify(answer.body));
  }
  await writeManifest(cluster, JSON.stringify(manifest));
}

export async function writeManifest(cluster: Cluster, json: string): Promise<void> {
  const data = { [MANIFEST_KEY]: Buffer.from(json).toString('base64') };
  const created = await putSecret(cluster, MANIFEST_NAME, 'manifest', data);
  if (created.status === 201) return;
  const { status, body } = await cluster.api(`${SECRETS}/${MANIFEST_NAME}`, {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: { data },
  });
  assert.equal(status, 200, JSON.stringify(body));
}

export function putSecret(cluster: Cluster, name: string, label: string, data: object): Promise<ApiAnswer> {
  const labels = { 'app.kubernetes.io/name': 'modelgate', [CONFIG_LABEL]: label };
  const immutable = label === 'shard';
  const secret = {
    metadata: { name, labels },
    type: CONFIG_SECRET_TYPE,
    data,
    ...(immutable && { immutable }),
  };
  return cluster.api(SECRETS, { method: 'POST', body: secret });
}

export const publishTo = (cluster: Cluster, next: Config): Promise<void> =>
  writePublished(cluster, publish(next));

export interface ProxyProcess {
  url: string;
  adminUrl: string;
  pid: number;
  logged: Lines;
  said: Lines;
  kill(signal: NodeJS.Signals): void;
  exit: Promise<number | null>;
}

export interface ProxySetup {
  pod: string;
  cacheDir: string;
  tokenFile: string;
  args?: readonly string[];
  env?: Record<string, string>;
}

/** Puts the token of the proxy's ServiceAccount into a file. */
export async function writeToken(cluster: Cluster, file = join(cluster.folder, 'token')): Promise<string> {
  writeFileSync(file, await cluster.tokenFor(NAMESPACE, 'proxy'));
  return file;
}

/** Starts `modelgate proxy` against the cluster, as a process of its own. */
export async function startProxy(
  context: TestContext,
  { url, caFile }: Pick<Cluster, 'url' | 'caFile'>,
  { pod, cacheDir, tokenFile, args = [], env }: ProxySetup,
): Promise<ProxyProcess> {
  const cluster = ['--api-server', url, '--ca-file', caFile, '--token-file', tokenFile];
  const own = ['--namespace', NAMESPACE, '--pod-name', pod, '--cache-dir', cacheDir];
  const ports = ['--host', '127.0.0.1', '--port', '0', '--admin-port', '0'];
  return startProxyWith(context, [...cluster, ...own, ...ports, ...args], env);
}

/** With exactly these arguments; resolves when it listens. */
export async function startProxyWith(
  context: TestContext,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<ProxyProcess> {
  const child = start(['proxy', ...args], { env });
  context.after(() => child.kill('SIGKILL'));
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  const [logged, said] = [new Lines(child.stdout), new Lines(child.stderr)];
  const line = await logged.find(/"listening"/).catch((error: unknown) => {
    throw new Error(`it did not start: ${said.all.join('\n')}`, { cause: error });
  });
  const { port, adminPort } = JSON.parse(line) as { port: number; adminPort: number };
  return {
    url: `http://127.0.0.1:${port}/v1`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    pid: child.pid!,
    logged,
    said,
    kill: (signal) => child.kill(signal),
    exit,
  };
}

/** Asks for an answer: its status, and the revision that it was given by. */
export async function ask(
  { url }: ProxyProcess,
  key = CALLER_KEY,
): Promise<{ status: number; revision: string | null }> {
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'Hi' }] }),
  });
  await response.arrayBuffer();
  return { status: response.status, revision: response.headers.get('x-modelgate-revision') };
}

/** `/status`; what of it these tests read. */
export async function statusOf({ adminUrl }: ProxyProcess): Promise<{
  ready: boolean;
  source: string;
  sourceState: string;
  revision?: string;
}> {
  const response = await fetch(`${adminUrl}/status`);
  return (await response.json()) as Awaited<ReturnType<typeof statusOf>>;
}

export interface LeaseSeen {
  metadata: {
    labels: Record<string, string>;
    annotations: Record<string, string>;
    ownerReferences?: object[];
  };
  spec: { holderIdentity: string; leaseDurationSeconds: number; renewTime: string };
}

export async function leaseOf(cluster: Cluster, pod: string): Promise<LeaseSeen | undefined> {
  const { status, body } = await cluster.api(`${LEASES}/modelgate-proxy-${pod}`);
  return status === 200 ? (body as LeaseSeen) : undefined;
}

/** A counter of `/metrics`, with its labels as they are written. */
export async function metric({ adminUrl }: ProxyProcess, series: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length));
}
