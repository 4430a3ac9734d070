import { API_VERSION, KINDS, type Kind } from '../../core/resources/kinds.ts';

/** How a kind is called in paths of the API. */
export interface ApiResource {
  apiVersion: string;
  kind: string;
  plural: string;
}

export const SECRETS: ApiResource = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets' };
export const NAMESPACES: ApiResource = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces' };
export const LEASES: ApiResource = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
};
export const EVENTS: ApiResource = { apiVersion: 'events.k8s.io/v1', kind: 'Event', plural: 'events' };

/** The four kinds of our own. */
export const OWN_RESOURCES = Object.fromEntries(
  KINDS.map(({ kind, plural }) => [kind, { apiVersion: API_VERSION, kind, plural }]),
) as Readonly<Record<Kind, ApiResource>>;

/** A namespace or object name, by which no path can be left: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/** `/api/v1/namespaces/a/secrets/b`: without a name all of them, without a namespace those of all namespaces. */
export function pathOf(
  { apiVersion, plural }: ApiResource,
  { namespace, name, subresource }: { namespace?: string | undefined; name?: string; subresource?: string },
): string {
  const root = apiVersion.includes('/') ? '/apis' : '/api';
  const steps = [
    ...(namespace === undefined ? [] : ['namespaces', checked(namespace)]),
    plural,
    ...(name === undefined ? [] : [checked(name)]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  return [`${root}/${apiVersion}`, ...steps].join('/');
}

function checked(name: string): string {
  if (name.length <= 253 && NAME.test(name)) return name;
  throw new Error(`${JSON.stringify(name.slice(0, 64))} is no name of a Kubernetes object`);
}
