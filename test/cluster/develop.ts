/**
 * `npm run cluster`: a Kubernetes control plane with modelgate in it, to try things by hand. It is gone when this
 * process is.
 */
import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kubernetesPrograms, KUBERNETES_VERSION } from './build/programs.ts';
import type { Daemon } from './daemon.ts';
import { freePorts } from './free-ports.ts';
import { startCluster } from './index.ts';

const NAMESPACE = 'modelgate';
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** For a week: nobody renews it, as a kubelet would. */
const TOKEN = { expirationSeconds: 604_800 };

interface Addresses {
  readonly url: string;
  readonly proxyAdmin: number;
  readonly operatorAdmin: number;
}

const stopped = Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)));
// Neither signals nor daemons are reasons for Node to stay.
const staying = setInterval(() => {}, 60_000);
const cluster = await startCluster();
try {
  await installChart();
  const [port, proxyAdmin, operatorAdmin] = (await freePorts(3, [8080, 9090, 9091])) as [
    number,
    number,
    number,
  ];
  const url = `http://127.0.0.1:${port}/v1`;
  const operator = await startOperator(operatorAdmin, url);
  const proxy = await startProxy(port, proxyAdmin);
  await answers(operator, `http://127.0.0.1:${operatorAdmin}/readyz`);
  await answers(proxy, `http://127.0.0.1:${proxyAdmin}/livez`);
  process.stdout.write(await introduction({ url, proxyAdmin, operatorAdmin }));
  await stopped;
} finally {
  clearInterval(staying);
  await cluster.stop();
}

/** Everything but pods, for which there are no nodes. */
async function installChart(): Promise<void> {
  const where = ['install', 'modelgate', join(ROOT, 'helm/modelgate'), '--namespace', NAMESPACE];
  const none = ['--create-namespace', '--set', 'operator.replicas=0,proxy.replicas=0'];
  const { code, stderr } = await cluster.helm(4, [...where, ...none]);
  if (code !== 0) throw new Error(stderr);
}

/** Starts a command as what it is in the cluster, with the ServiceAccount that the chart gives it. */
function start(name: string, args: Readonly<Record<string, string | number>>): Daemon {
  const flags = Object.entries(args).map(([flag, value]) => `--${flag}=${value}`);
  return cluster.run(name, process.execPath, [join(ROOT, 'cli/bin.js'), name, ...flags]);
}

async function startOperator(adminPort: number, baseURL: string): Promise<Daemon> {
  return start('operator', {
    host: '127.0.0.1',
    'admin-port': adminPort,
    'base-url': baseURL,
    // A model server on this machine is a good thing to try it with.
    'allow-private-upstreams': 'true',
    kubeconfig: await cluster.kubeconfigFor(NAMESPACE, 'modelgate-operator', TOKEN),
    namespace: NAMESPACE,
  });
}

async function startProxy(port: number, adminPort: number): Promise<Daemon> {
  const tokenFile = join(cluster.folder, 'proxy-token');
  writeFileSync(tokenFile, await cluster.tokenFor(NAMESPACE, 'modelgate-proxy', TOKEN), { mode: 0o600 });
  return start('proxy', {
    host: '127.0.0.1',
    port,
    'admin-port': adminPort,
    'api-server': cluster.url,
    'ca-file': cluster.caFile,
    'token-file': tokenFile,
    namespace: NAMESPACE,
    'cache-dir': join(cluster.folder, 'proxy-cache'),
  });
}

/** Resolves when there is an answer of 200. */
function answers(daemon: Daemon, url: string): Promise<void> {
  return daemon.ready(() =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
}

async function introduction({ url, proxyAdmin, operatorAdmin }: Addresses): Promise<string> {
  const { folder, kubeconfig } = cluster;
  return `Kubernetes ${KUBERNETES_VERSION} with modelgate in it, until Ctrl-C.

  export KUBECONFIG=${kubeconfig}
  export PATH=${await kubernetesPrograms()}:$PATH

  operator  ${join(folder, 'operator.log')}  http://127.0.0.1:${operatorAdmin}/metrics
  proxy     ${join(folder, 'proxy.log')}  http://127.0.0.1:${proxyAdmin}/status

Something to try:

  kubectl apply -f examples/without-an-account.yaml
  kubectl wait --for=condition=Programmed malias/chat ckey/demo
  kubectl get modelgate
  curl -s ${url}/chat/completions -H 'Authorization: Bearer example-key-not-a-secret' \\
    -H 'content-type: application/json' -d '{"model":"chat","messages":[{"role":"user","content":"hello"}]}'

`;
}
