import { refuse, type Draft } from './draft.ts';
import { aliasNameOf } from './identity.ts';

/** Of two aliases of one name in one namespace the older keeps it. */
export function aliasConflicts(draft: Draft): void {
  const owners = new Map<string, string>();
  for (const resource of draft.world.ModelAlias.values()) {
    const { namespace, name } = resource.metadata;
    const alias = aliasNameOf(resource);
    const owner = owners.get(`${namespace}/${alias}`);
    if (owner === undefined) {
      owners.set(`${namespace}/${alias}`, name);
      continue;
    }
    const message = `spec.alias: the older ModelAlias "${owner}" already has the alias "${alias}" in this namespace: choose another, or remove one of the two`;
    refuse(draft, resource, { reason: 'Conflicted', message });
  }
}
