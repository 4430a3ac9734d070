import type { Caller } from '../config/config.ts';
import type { CallerKey } from '../resources/caller-key.ts';
import type { Draft } from './draft.ts';

type Subject = NonNullable<Caller['subjects']>[number];

/** Whose tokens are this caller's key: the ServiceAccounts that it names, which are of its own namespace always. */
export function callerSubjects(draft: Draft, resource: CallerKey): readonly Subject[] {
  const { serviceAccounts = [] } = resource.spec;
  if (serviceAccounts.length === 0) return [];
  if (draft.input.serviceAccounts === undefined) {
    const message =
      "spec.serviceAccounts: the keys of this cluster's ServiceAccount tokens are not known: the API server has to serve /openid/v1/jwks to the operator; without a cluster, use another kind of key";
    draft.statuses.unresolved(resource, { reason: 'IssuerUnknown', message });
    return [];
  }
  const { issuer } = draft.input.serviceAccounts;
  return serviceAccounts.map(({ name }) => ({
    issuer,
    subject: subjectOf(resource.metadata.namespace, name),
  }));
}

/** `sub` of a ServiceAccount's token: https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/ */
function subjectOf(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}
