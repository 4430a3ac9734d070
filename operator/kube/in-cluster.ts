import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import type { ClusterAccess } from './access.ts';

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Kubelets renew a token long before its end; reading it for every request would be a waste. */
const TOKEN_GOOD_FOR = 30_000;

/** Access of a pod: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
export async function inClusterAccess(
  environment: NodeJS.ProcessEnv,
  folder = FOLDER,
): Promise<ClusterAccess> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment;
  if (host === undefined) throw new Error('this is no pod of a cluster: name a kubeconfig with --kubeconfig');
  const [ca, namespace] = await Promise.all([
    readFile(`${folder}/ca.crt`),
    readFile(`${folder}/namespace`, 'utf8'),
  ]);
  return {
    url: new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`),
    tls: { ca },
    authorization: tokenFile(`${folder}/token`),
    namespace: namespace.trim(),
  };
}

function tokenFile(path: string): () => Promise<string> {
  let header = '';
  let readAt = -Infinity;
  return async () => {
    if (performance.now() - readAt > TOKEN_GOOD_FOR) {
      header = `Bearer ${(await readFile(path, 'utf8')).trim()}`;
      readAt = performance.now();
    }
    return header;
  };
}
