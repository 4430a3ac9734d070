import type { TargetReference, TrafficPolicy } from '../resources/traffic-policy.ts';
import type { Draft } from './draft.ts';
import { PolicyTargets } from './policy-targets.ts';
import { toPolicy } from './policy.ts';

interface Governed {
  policies?: readonly string[] | undefined;
}

/** Policies, and on each object the list of those that name it: oldest first, as they are walked here. */
export function policies(draft: Draft): void {
  const targets = new PolicyTargets(draft);
  const bindings = new Map<Governed, string[]>();
  for (const [id, resource] of draft.world.TrafficPolicy) {
    draft.policies[id] = toPolicy(resource);
    for (const object of governedBy(draft, resource, targets)) {
      const bound = bindings.get(object);
      if (bound === undefined) bindings.set(object, [id]);
      else bound.push(id);
    }
  }
  for (const [object, ids] of bindings) object.policies = ids;
}

/** A set: two targetRefs may mean the same object. */
function governedBy(draft: Draft, policy: TrafficPolicy, targets: PolicyTargets): Set<Governed> {
  const { namespace } = policy.metadata;
  const refs = policy.spec.targetRefs ?? [];
  if (refs.length === 0) return new Set([draft.namespaces[namespace]!]);
  const governed = new Set<Governed>();
  const entries = entriesOf(draft);
  refs.forEach((ref, i) => {
    const ids = targets.find(ref, namespace);
    for (const id of ids) {
      const entry = entries[ref.kind][id];
      if (entry) governed.add(entry);
    }
    if (ids.length > 0) return;
    const message = `spec.targetRefs[${i}]: ${notFound(draft, ref, namespace)}`;
    draft.statuses.unresolved(policy, { reason: 'TargetNotFound', message });
  });
  return governed;
}

function entriesOf(
  draft: Draft,
): Readonly<Record<TargetReference['kind'], Readonly<Record<string, Governed>>>> {
  return { ProviderCredential: draft.credentials, ModelAlias: draft.aliases, CallerKey: draft.callers };
}

/** For another namespace one sentence for all causes: it must not tell what exists there. */
function notFound(draft: Draft, ref: TargetReference, namespace: string): string {
  const owner = ref.namespace ?? namespace;
  const what = ref.selector
    ? `${ref.kind} with these labels in namespace "${owner}"`
    : `${ref.kind} "${owner}/${ref.name}"`;
  if (owner !== namespace)
    return `no ${what} takes part in requests to aliases or by keys of namespace "${namespace}": correct the reference`;
  if (draft.refused.has(`${ref.kind}/${owner}/${ref.name}`)) return `${what} is not accepted: see its status`;
  return `there is no ${what}: create it, or correct the reference`;
}
