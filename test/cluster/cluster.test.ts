import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import test, { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { KUBERNETES_VERSION } from './build/programs.ts';
import { type Cluster, type Component, startCluster } from './index.ts';

const COMPONENTS: readonly Component[] = ['etcd', 'apiserver', 'kcm'];

let cluster: Cluster;
before(async () => {
  cluster = await startCluster();
});
after(() => cluster.stop());

test('client and server are of the pinned version', async () => {
  const { stdout, code } = await cluster.kubectl(['version', '-o', 'json']);
  assert.equal(code, 0);
  const { clientVersion, serverVersion } = JSON.parse(stdout) as Record<string, { gitVersion: string }>;
  assert.deepEqual(
    [clientVersion?.gitVersion, serverVersion?.gitVersion],
    [KUBERNETES_VERSION, KUBERNETES_VERSION],
  );
});

test('kubectl reads its input', async () => {
  const { stdout } = await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(configMap('from-stdin')));
  assert.equal(stdout, 'configmap/from-stdin created\n');
});

test('a ServiceAccount may do what RBAC grants it, and nothing else', async () => {
  await cluster.kubectl(['create', 'namespace', 'tenant']);
  await cluster.kubectl(['-n', 'tenant', 'create', 'serviceaccount', 'reader']);
  await cluster.kubectl(['-n', 'tenant', 'create', 'role', 'reader', '--verb=list', '--resource=configmaps']);
  const binding = ['create', 'rolebinding', 'reader', '--role=reader', '--serviceaccount=tenant:reader'];
  await cluster.kubectl(['-n', 'tenant', ...binding]);
  const token = await cluster.tokenFor('tenant', 'reader');
  const statusOf = async (resource: string): Promise<number> =>
    (await cluster.api(`/api/v1/namespaces/tenant/${resource}`, { token })).status;
  assert.deepEqual([await statusOf('configmaps'), await statusOf('secrets')], [200, 403]);
  const config = await cluster.kubeconfigFor('tenant', 'reader');
  const { stdout } = await cluster.kubectl(['--kubeconfig', config, 'auth', 'whoami', '-o', 'json']);
  assert.match(stdout, /"username": "system:serviceaccount:tenant:reader"/);
});

test('a token for an audience is for that audience alone', async () => {
  const token = await cluster.tokenFor('default', 'default', { audience: 'modelgate' });
  const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { aud: string[] };
  assert.deepEqual(claims.aud, ['modelgate']);
  assert.equal((await cluster.api('/api', { token })).status, 401);
});

test('a namespace is held to the PodSecurity level on its label', async () => {
  // In a namespace whose ServiceAccount is there already: a pod without one is refused for that.
  await cluster.kubectl(['label', 'namespace', 'default', 'pod-security.kubernetes.io/enforce=restricted']);
  const refused = await cluster.kubectl(['run', 'root', '--image=none', '--dry-run=server']);
  assert.match(refused.stderr, /violates PodSecurity "restricted:latest"/);
});

test('every write is in the audit log with its author, and no body', async () => {
  await cluster.kubectl(['create', 'secret', 'generic', 'audited', '--from-literal=k=hunter2-is-not-logged']);
  const read = (): string => readFileSync(cluster.auditLog, 'utf8');
  // The line may come a moment after the answer.
  while (!read().includes('"audited"')) await sleep(20);
  const log = read();
  const events = log.slice(0, log.lastIndexOf('\n')).split('\n').map(parseEvent);
  const event = events.find(({ objectRef }) => objectRef?.name === 'audited');
  assert.deepEqual([event?.verb, event?.user.username], ['create', 'admin']);
  assert.ok(!events.some(({ verb }) => ['get', 'list', 'watch'].includes(verb)));
  assert.ok(!log.includes('hunter2-is-not-logged'));
});

test('compacting etcd loses nothing', async () => {
  await cluster.compactEtcd();
  assert.equal((await cluster.api('/api/v1/namespaces/default')).status, 200);
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const)
  test(`the API server comes back with its data after ${signal}`, async () => {
    const pid = cluster.pid('apiserver');
    await cluster.restartApi({ signal });
    assert.notEqual(cluster.pid('apiserver'), pid);
    assert.equal((await cluster.api('/api/v1/namespaces/default')).status, 200);
  });

test('etcd comes back with its data', async () => {
  await cluster.stopEtcd('SIGKILL');
  cluster.startEtcd();
  await cluster.apiReady();
  assert.equal((await cluster.api('/api/v1/namespaces/tenant')).status, 200);
});

test('a process that is run in the cluster ends with it', async () => {
  const other = await startCluster();
  const { pid } = other.run('guest', process.execPath, ['--eval', 'setInterval(() => {}, 1000)']);
  await other.stop();
  assert.equal(isAlive(pid!), false);
});

test('a component that is held can be let go', async () => {
  // A signal is taken a moment after it was sent.
  cluster.pause('kcm');
  while (stateOf(cluster.pid('kcm')!) !== 'T') await sleep(5);
  cluster.resume('kcm');
  while (stateOf(cluster.pid('kcm')!) === 'T') await sleep(5);
});

test('stop leaves no process and no file', async () => {
  const other = await startCluster();
  const pids = COMPONENTS.map((component) => other.pid(component)!);
  await other.stop();
  assert.deepEqual(pids.map(isAlive), [false, false, false]);
  assert.equal(existsSync(other.folder), false);
});

test('a test that is killed leaves no process and no file', async () => {
  const { script, folderAndPids } = startedElsewhere();
  const { folder, pids } = await folderAndPids;
  assert.deepEqual(pids.map(isAlive), [true, true, true]);
  script.kill('SIGKILL');
  while (pids.some(isAlive) || existsSync(folder)) await sleep(20);
});

const configMap = (name: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

interface AuditEvent {
  verb: string;
  user: { username: string };
  objectRef?: { name?: string };
}

const parseEvent = (line: string): AuditEvent => JSON.parse(line) as AuditEvent;

/** A process that starts a cluster, says where and what it is, and waits. */
function startedElsewhere() {
  const source = `
    const { startCluster } = await import(${JSON.stringify(import.meta.resolve('./index.ts'))});
    const cluster = await startCluster();
    const pids = ${JSON.stringify(COMPONENTS)}.map((component) => cluster.pid(component));
    console.log(JSON.stringify({ folder: cluster.folder, pids }));
    setInterval(() => {}, 1000);`;
  const script = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const folderAndPids = new Promise<{ folder: string; pids: number[] }>((resolve) => {
    createInterface(script.stdout).once('line', (line) => resolve(JSON.parse(line) as never));
  });
  return { script, folderAndPids };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The letter that Linux gives a process's state: T is stopped. */
const stateOf = (pid: number): string => /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))![1]!;
