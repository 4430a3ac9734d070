import type { Caller } from '../config/config.ts';
import type { CallerKey } from '../resources/caller-key.ts';
import { CallerAccess } from './caller-access.ts';
import { callerKeys } from './caller-keys.ts';
import { callerSubjects } from './caller-subjects.ts';
import { refuse, type Draft } from './draft.ts';
import { instant } from './instants.ts';
import { withoutUndefined } from './without-undefined.ts';

/** What a caller proves with who it is. */
type Proofs = Pick<Caller, 'keys' | 'subjects'>;

/**
 * Callers that have a key, or whose tokens are one. Disabled and expired ones too: the proxy tells them so instead of
 * "unknown key". Of two that have the same key the older keeps it.
 */
export function callers(draft: Draft): void {
  const access = new CallerAccess(draft);
  const read = labelsThatConditionsRead(draft);
  const owners = new Map<string, CallerKey>();
  for (const [id, resource] of draft.world.CallerKey) {
    const proofs = proofsOf(draft, resource);
    const marks = marksOf(proofs);
    if (marks.length === 0 || isTaken(draft, resource, marks, owners)) continue;
    for (const mark of marks) owners.set(mark, resource);
    const { table, problems } = access.rights(resource);
    for (const problem of problems) draft.statuses.unresolved(resource, problem);
    sayIfRefused(draft, resource);
    const labels = pick(resource.metadata.labels, read);
    draft.callers[id] = toCaller(resource, { ...proofs, access: table, labels });
  }
}

function proofsOf(draft: Draft, resource: CallerKey): Proofs {
  const keys = callerKeys(draft, resource);
  const subjects = callerSubjects(draft, resource);
  for (const { issuer } of subjects) {
    const { audience, keys: signers } = draft.input.serviceAccounts!;
    draft.issuers[issuer] = { audience, keys: signers };
  }
  return subjects.length > 0 ? { keys, subjects } : { keys };
}

/** By which the proxy finds the caller: nobody else may have one of them. */
function marksOf({ keys, subjects = [] }: Proofs): string[] {
  return [
    ...keys.map(({ sha256 }) => sha256),
    ...subjects.map(({ issuer, subject }) => `${issuer} ${subject}`),
  ];
}

function isTaken(
  draft: Draft,
  resource: CallerKey,
  marks: readonly string[],
  owners: ReadonlyMap<string, CallerKey>,
): boolean {
  const owner = marks.map((mark) => owners.get(mark)).find((found) => found !== undefined);
  if (owner === undefined) return false;
  // A caller of another namespace is not named: its name is nobody else's business.
  const who = owner.metadata.namespace === resource.metadata.namespace ? ` "${owner.metadata.name}"` : '';
  const what = resource.spec.serviceAccounts ? 'ServiceAccount' : 'key';
  const message = `spec: an older CallerKey${who} has the same ${what} and keeps it: give this one a ${what} of its own`;
  refuse(draft, resource, { reason: 'Conflicted', message });
  return true;
}

function toCaller({ metadata, spec }: CallerKey, rest: Proofs & Pick<Caller, 'access' | 'labels'>): Caller {
  return withoutUndefined<Caller>({
    namespace: metadata.namespace,
    name: metadata.name,
    ...rest,
    disabled: spec.disabled === true ? true : undefined,
    expiresAt: instant(spec.expiresAt),
    attributes: spec.attributes,
  });
}

function sayIfRefused(draft: Draft, resource: CallerKey): void {
  const { disabled, expiresAt } = resource.spec;
  if (disabled === true) {
    const message = 'spec.disabled is true: every request with this key gets 401 (api_key_disabled)';
    draft.statuses.unready(resource, { reason: 'Disabled', message });
  } else if ((instant(expiresAt) ?? Infinity) <= draft.input.now) {
    const message = 'spec.expiresAt has passed: every request with this key gets 401 (api_key_expired)';
    draft.statuses.unready(resource, { reason: 'Expired', message });
  }
}

/** The rest of the labels stays out of the config: it would change whenever somebody labels a key. */
function labelsThatConditionsRead(draft: Draft): ReadonlySet<string> {
  const targets = Object.values(draft.aliases).flatMap((alias) => alias.targets);
  return new Set(targets.flatMap(({ when }) => Object.keys(when?.callerLabels ?? {})));
}

function pick(
  labels: CallerKey['metadata']['labels'],
  keys: ReadonlySet<string>,
): Record<string, string> | undefined {
  const picked = Object.entries(labels ?? {}).filter(([key]) => keys.has(key));
  return picked.length > 0 ? Object.fromEntries(picked) : undefined;
}
