import type { Metadata } from '../resources/metadata.ts';
import type { AllowedNamespaces } from '../resources/references.ts';
import type { Input } from './draft.ts';
import { selects } from './labels.ts';

/** An object that others may refer to from the namespaces it allows. */
export interface Shared {
  metadata: Metadata;
  spec: { allowedNamespaces?: AllowedNamespaces | undefined };
}

/** Whether objects of `namespace` may refer to the shared object. Its own namespace always may. */
export function permits({ metadata, spec }: Shared, namespace: string, known: Input['namespaces']): boolean {
  if (namespace === metadata.namespace) return true;
  const { from = 'Same', selector } = spec.allowedNamespaces ?? {};
  if (from === 'All') return true;
  return from === 'Selector' && selector !== undefined && selects(selector, labelsOf(namespace, known));
}

/** Kubernetes puts a namespace's name among its labels; so it is here, also where no Namespace was given. */
function labelsOf(namespace: string, known: Input['namespaces']): Record<string, string> {
  return { ...known[namespace], 'kubernetes.io/metadata.name': namespace };
}
