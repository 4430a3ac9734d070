import type { Alias, Target } from '../config/config.ts';
import type { ModelAlias } from '../resources/model-alias.ts';
import { DEFAULT_STRATEGY } from '../strategies/index.ts';
import { resolveCredential } from './credential-refs.ts';
import type { Draft } from './draft.ts';
import { aliasNameOf, createdAt } from './identity.ts';
import type { Problem } from './statuses.ts';
import { toTarget } from './target.ts';
import { withoutUndefined } from './without-undefined.ts';

/**
 * Aliases keep the targets whose credential can serve. One without any stays, and is answered with an error: if it were
 * left out, its requests would stray to whatever else covers its name, an alias of another tenant perhaps.
 */
export function aliases(draft: Draft): void {
  for (const [id, resource] of draft.world.ModelAlias) {
    const { targets, problems } = resolveTargets(draft, resource);
    draft.aliases[id] = toAlias(resource, targets);
    if (targets.length === 0) problems.unshift(noneUsable(problems));
    for (const problem of problems) draft.statuses.unresolved(resource, problem);
  }
}

/** The reason that all targets share says more than that there are none. */
function noneUsable(problems: readonly Problem[]): Problem {
  const [first, ...others] = new Set(problems.map(({ reason }) => reason));
  const reason = first === undefined || others.length > 0 ? 'NoUsableTarget' : first;
  return { reason, message: 'spec.targets: none can be used' };
}

function resolveTargets(
  draft: Draft,
  { metadata, spec }: ModelAlias,
): { targets: Target[]; problems: Problem[] } {
  const targets: Target[] = [];
  const problems: Problem[] = [];
  spec.targets.forEach((target, i) => {
    const field = `spec.targets[${i}].credentialRef`;
    const use = { ref: target.credentialRef, namespace: metadata.namespace, field };
    const { id, problem } = resolveCredential(draft, use);
    if (problem) problems.push(problem);
    else targets.push(toTarget(target, id));
  });
  return { targets, problems };
}

function toAlias(resource: ModelAlias, targets: readonly Target[]): Alias {
  const { description, routing } = resource.spec;
  return withoutUndefined<Alias>({
    name: aliasNameOf(resource),
    namespace: resource.metadata.namespace,
    description,
    createdAt: createdAt(resource),
    targets,
    routing: {
      strategy: routing?.strategy ?? DEFAULT_STRATEGY,
      whenAllUnhealthy: routing?.whenAllUnhealthy ?? 'TryLeastBad',
    },
  });
}
