import type { RequestOptions } from 'node:https';
import type { ClusterAccess } from './access.ts';

/**
 * Access as a kubeconfig file describes it, with its exec plugins and login providers. The client library is
 * only loaded here: a pod does without, and saves its 90 MB.
 */
export async function kubeconfigAccess(file: string): Promise<ClusterAccess> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromFile(file);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error(`${file}: current-context names no cluster`);
  const first = await connection();
  return {
    url: new URL(cluster.server),
    tls: pickTls(first),
    authorization: async () => authorizationOf(await connection()),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace,
  };

  async function connection(): Promise<RequestOptions> {
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    return options;
  }
}

function pickTls({ ca, cert, key, servername, rejectUnauthorized }: RequestOptions): ClusterAccess['tls'] {
  const given = Object.entries({ ca, cert, key, servername, rejectUnauthorized });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined)) as ClusterAccess['tls'];
}

function authorizationOf({ headers, auth }: RequestOptions): string | undefined {
  const header = (headers as Record<string, string> | undefined)?.['Authorization'];
  return header ?? (auth ? `Basic ${Buffer.from(auth).toString('base64')}` : undefined);
}
