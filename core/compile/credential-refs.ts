import type { ObjectReference } from '../resources/references.ts';
import type { Draft } from './draft.ts';
import { permits } from './grants.ts';
import type { Problem } from './statuses.ts';

export type Resolved = { id: string; problem?: undefined } | { id?: undefined; problem: Problem };

/** A reference to a credential, and the namespace and field where it stands. */
export interface CredentialUse {
  ref: ObjectReference;
  namespace: string;
  field: string;
}

/**
 * Finds a credential that can serve. In somebody else's namespace, one that is not there and one that is not
 * granted look the same: nobody learns the names of another namespace by trying.
 */
export function resolveCredential(draft: Draft, { ref, namespace, field }: CredentialUse): Resolved {
  const owner = ref.namespace ?? namespace;
  const id = `${owner}/${ref.name}`;
  const credential = draft.world.ProviderCredential.get(id);
  if (owner !== namespace && !(credential && permits(credential, namespace, draft.input.namespaces)))
    return fault('RefNotPermitted', `${field}: ${notPermitted('ProviderCredential', id, namespace)}`);
  if (draft.credentials[id] !== undefined) return { id };
  if (credential !== undefined || draft.refused.has(`ProviderCredential/${id}`))
    return fault('CredentialNotReady', `${field}: ProviderCredential "${id}" cannot be used: see its status`);
  const mend = 'create it, or correct the name';
  return fault('CredentialNotFound', `${field}: there is no ProviderCredential "${id}": ${mend}`);
}

/** The end of a message about a reference into another namespace. */
export function notPermitted(kind: string, id: string, namespace: string): string {
  return `no ${kind} "${id}" may be used from namespace "${namespace}": it has to exist, be accepted, and let "${namespace}" in by its spec.allowedNamespaces`;
}

function fault(reason: Problem['reason'], message: string): Resolved {
  return { problem: { reason, message } };
}
