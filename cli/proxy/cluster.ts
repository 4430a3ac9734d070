import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Pod } from '../../proxy/source/acknowledge/lease.ts';
import type { ApiAccess } from '../../proxy/source/kubernetes/api-server.ts';
import type { ProxyOptions } from './options.ts';

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/#directly-accessing-the-rest-api */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Where the operator publishes, how to get there, and who we are. */
export interface Cluster {
  access: ApiAccess;
  pod: Pod;
}

/** What a pod has by itself, unless the options say otherwise; else what is missing. */
export function findCluster(
  options: ProxyOptions,
  environment: NodeJS.ProcessEnv,
): Cluster | { missing: string } {
  const { namespace = ownNamespace(), podUid: uid } = options;
  const access = accessOf(options, environment);
  if (access === undefined) {
    return { missing: 'this is no pod: say where the API server is with --api-server, or use --config-file' };
  }
  if (namespace === undefined) return { missing: 'say where the operator publishes with --namespace' };
  // An empty variable is an unset one.
  const name = options.podName ?? (environment['POD_NAME'] || hostname().toLowerCase());
  return { access, pod: { name, namespace, uid } };
}

/** The API server that is named, with the files that are named; else what a pod is given. */
function accessOf(
  { apiServer, caFile, tokenFile }: ProxyOptions,
  environment: NodeJS.ProcessEnv,
): ApiAccess | undefined {
  if (apiServer !== undefined) return { url: apiServer, caFile, tokenFile };
  const url = apiServerOfPod(environment);
  if (url === undefined) return undefined;
  const inPod = { caFile: `${SERVICE_ACCOUNT}/ca.crt`, tokenFile: `${SERVICE_ACCOUNT}/token` };
  return { url, caFile: caFile ?? inPod.caFile, tokenFile: tokenFile ?? inPod.tokenFile };
}

function apiServerOfPod({
  KUBERNETES_SERVICE_HOST: host,
  KUBERNETES_SERVICE_PORT: port = '443',
}: NodeJS.ProcessEnv): string | undefined {
  if (!host) return undefined;
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function ownNamespace(): string | undefined {
  try {
    return readFileSync(`${SERVICE_ACCOUNT}/namespace`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
