import type { Grant } from '../config/config.ts';
import type { ObjectReference } from '../resources/references.ts';
import { notPermitted } from './credential-refs.ts';
import type { Draft } from './draft.ts';
import { permits } from './grants.ts';
import { aliasNameOf } from './identity.ts';
import type { Problem } from './statuses.ts';

/** A reference to a ModelAlias, and the namespace and field where it stands. */
export interface AliasUse {
  ref: ObjectReference;
  namespace: string;
  field: string;
}

/**
 * The grant that naming an alias amounts to. An alias that exists but cannot serve is granted *and* a problem:
 * it keeps its name, so that no other alias steps in for it unasked.
 */
export function resolveAlias(
  draft: Draft,
  { ref, namespace, field }: AliasUse,
): { grant?: Grant; problem?: Problem } {
  const owner = ref.namespace ?? namespace;
  const id = `${owner}/${ref.name}`;
  const alias = draft.world.ModelAlias.get(id);
  if (owner !== namespace && !(alias && permits(alias, namespace, draft.input.namespaces)))
    return problem('RefNotPermitted', `${field}: ${notPermitted('ModelAlias', id, namespace)}`);
  if (alias === undefined && !draft.refused.has(`ModelAlias/${id}`))
    return problem(
      'AliasNotFound',
      `${field}: there is no ModelAlias "${id}": create it, or correct the name`,
    );
  const grant = alias && { match: aliasNameOf(alias), alias: id };
  if (canServe(draft, id)) return { grant: grant! };
  const unusable = problem('AliasNotReady', `${field}: ModelAlias "${id}" cannot be used: see its status`);
  return grant ? { grant, ...unusable } : unusable;
}

/** Whether an alias has a target that can be used at present. */
export function canServe(draft: Draft, id: string): boolean {
  return (draft.aliases[id]?.targets.length ?? 0) > 0;
}

function problem(reason: Problem['reason'], message: string): { problem: Problem } {
  return { problem: { reason, message } };
}
