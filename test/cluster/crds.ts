import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { API_VERSION, KINDS, type Kind } from '../../core/resources/kinds.ts';
import type { Cluster } from './cluster.ts';

const FOLDER = fileURLToPath(new URL('../../crds/', import.meta.url));

/** Lays down the CRDs of `crds/`. Resolves when their kinds are served and `kubectl explain` knows them. */
export async function installCrds(cluster: Cluster): Promise<void> {
  const applied = await cluster.kubectl(['apply', '--server-side', '-f', FOLDER]);
  if (applied.code !== 0) throw new Error(applied.stderr);
  const names = KINDS.map(({ plural }) => `crd/${plural}.modelgate.dev`);
  await cluster.kubectl(['wait', '--for=condition=Established', ...names]);
  while (!(await isDocumented(cluster))) await sleep(50);
}

/** Whether the OpenAPI document of the group has all kinds: it follows the CRDs a moment later. */
async function isDocumented(cluster: Cluster): Promise<boolean> {
  const { status, body } = await cluster.api(`/openapi/v3/apis/${API_VERSION}`);
  return status === 200 && KINDS.every(({ plural }) => JSON.stringify(body).includes(`/${plural}/`));
}

/** The path of the resources of a kind in a namespace. */
export function pathOf(kind: Kind | (string & {}), namespace = 'default'): string {
  const plural = KINDS.find((definition) => definition.kind === kind)?.plural;
  if (plural === undefined) throw new Error(`${kind} is none of ours`);
  return `/apis/${API_VERSION}/namespaces/${namespace}/${plural}`;
}

/** What was wrong with a resource, in the API server's own words; undefined when it would have been created. */
export async function refusal(cluster: Cluster, resource: object): Promise<string | undefined> {
  const { kind, metadata } = resource as { kind: string; metadata?: { namespace?: string } };
  const { status, body } = await cluster.api(
    `${pathOf(kind, metadata?.namespace)}?dryRun=All&fieldValidation=Strict`,
    { method: 'POST', body: resource },
  );
  if (status === 201) return undefined;
  const { message = JSON.stringify(body) } = body as { message?: string };
  if (status !== 422 && status !== 400) throw new Error(`${status}: ${message}`);
  return message;
}
