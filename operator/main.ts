import { hostname } from 'node:os';
import { pino } from 'pino';
import { CallerKeys } from './caller-keys/caller-keys.ts';
import type { ClusterAccess } from './kube/access.ts';
import { inClusterAccess } from './kube/in-cluster.ts';
import { kubeconfigAccess } from './kube/kubeconfig.ts';
import { Operator } from './operator.ts';
import type { OperatorOptions } from './options.ts';
import { ServiceAccountIssuer } from './token-issuers/service-account-issuer.ts';

/** An operator that runs. */
export interface Running {
  log: pino.Logger;
  stop(): Promise<void>;
}

/** Starts an operator. @throws when there is no way to the cluster, or the port is taken */
export async function startOperator(
  options: OperatorOptions,
  environment: NodeJS.ProcessEnv,
): Promise<Running> {
  const access = await accessOf(options, environment);
  const namespace = options.namespace ?? access.namespace;
  if (namespace === undefined) throw new Error('say where the proxies are with --namespace');
  const log = pino({ level: options.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime });
  // An empty variable is an unset one.
  const instance = options.podName ?? (environment['POD_NAME'] || hostname());
  const { baseUrl = `http://modelgate-proxy.${namespace}.svc/v1` } = options;
  const tasks = [new CallerKeys(baseUrl), new ServiceAccountIssuer()];
  const operator = new Operator({ options, access, namespace, instance, tasks, log });
  const port = await operator.start();
  log.info({ adminPort: port, namespace, instance, server: access.url.origin }, 'listening');
  return { log, stop: () => operator.stop() };
}

function accessOf({ kubeconfig }: OperatorOptions, environment: NodeJS.ProcessEnv): Promise<ClusterAccess> {
  return kubeconfig === undefined ? inClusterAccess(environment) : kubeconfigAccess(kubeconfig);
}
