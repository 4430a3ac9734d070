import { DEFAULTS } from '../policy/effective.ts';
import { settingText } from '../policy/setting-text.ts';
import type { Config, Policy } from '../config/config.ts';
import type { Change } from './change.ts';
import { limitChanges } from './limits.ts';
import { listed } from './names.ts';

export function policyChanges(before: Config, after: Config): Change[] {
  const [reachBefore, reachAfter] = [reachOf(before), reachOf(after)];
  const objectsBefore = objectsOf(before);
  const ids = Object.keys({ ...before.policies, ...after.policies }).toSorted();
  return ids.flatMap((id) => {
    const [was, is] = [before.policies[id], after.policies[id]];
    const reach = was && is ? reachChanges(is, id, [reachBefore.get(id), reachAfter.get(id)]) : [];
    const changes = [...limitChanges(id, was, is), ...settingChanges(id, was, is), ...reach];
    // What holds for new objects only takes nothing away from anybody.
    const concerns = [...(reachAfter.get(id) ?? [])].some((object) => objectsBefore.has(object));
    return changes.map((change) => ({ ...change, breaking: change.breaking && concerns }));
  });
}

type Value = number | readonly string[];

function settingChanges(id: string, was: Policy | undefined, is: Policy | undefined): Change[] {
  const [old, now] = [settingsOf(was), settingsOf(is)];
  const defaults = flat({ ...DEFAULTS });
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((path) => {
    const [from, to] = [old.get(path), now.get(path)];
    if (String(from) === String(to)) return [];
    const text = `${path} of TrafficPolicy ${id}: ${shown(path, from)} → ${shown(path, to)}`;
    const [least, most] = [to ?? defaults.get(path)!, from ?? defaults.get(path)!];
    return [
      {
        kind: 'SettingChanged' as const,
        id,
        text,
        breaking: path === 'request.maxBodyBytes' && least < most,
      },
    ];
  });
}

function shown(path: string, value: Value | undefined): string {
  return value === undefined ? 'not set' : settingText(path, value);
}

/** A policy that only watches changes no setting. */
function settingsOf(policy: Policy | undefined): Map<string, Value> {
  if (policy?.mode !== 'Enforce') return new Map();
  const { timeouts, retries, circuitBreaker, request } = policy;
  const cache = policy.cache && { ttl: policy.cache.ttl, scope: [policy.cache.scope] };
  return flat({ timeouts, retries, circuitBreaker, request, cache });
}

function flat(groups: Readonly<Record<string, object | undefined>>): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const [group, fields] of Object.entries(groups)) {
    for (const [field, value] of Object.entries<Value | undefined>({ ...fields })) {
      if (value !== undefined) values.set(`${group}.${field}`, value);
    }
  }
  return values;
}

/** Policy id → the objects that it is bound to. */
function reachOf(config: Config): Map<string, Set<string>> {
  const reach = new Map<string, Set<string>>();
  for (const [object, policies] of objectsOf(config)) {
    for (const policy of policies) reach.set(policy, (reach.get(policy) ?? new Set()).add(object));
  }
  return reach;
}

/** `Kind id` of everything that a policy can be bound to → the policies that are. */
function objectsOf({ namespaces, credentials, aliases, callers }: Config): Map<string, readonly string[]> {
  const kinds = {
    Namespace: namespaces,
    ProviderCredential: credentials,
    ModelAlias: aliases,
    CallerKey: callers,
  };
  const objects = Object.entries(kinds).flatMap(([kind, entries]) =>
    Object.entries(entries).map(([id, { policies = [] }]) => [`${kind} ${id}`, policies] as const),
  );
  return new Map(objects);
}

function reachChanges(policy: Policy, id: string, [before, after]: (Set<string> | undefined)[]): Change[] {
  const limits = policy.mode === 'Enforce' && (policy.limits ?? []).length > 0;
  const one = (objects: readonly string[], says: string, breaking: boolean): Change[] => {
    const text = `TrafficPolicy ${id} ${says} ${listed(objects.toSorted())}`;
    return objects.length === 0 ? [] : [{ kind: 'PolicyReachChanged', id, text, breaking }];
  };
  return [
    ...one(without(after, before), 'now also holds for', limits),
    ...one(without(before, after), 'no longer holds for', false),
  ];
}

function without(some: ReadonlySet<string> = new Set(), others: ReadonlySet<string> = new Set()): string[] {
  return [...some].filter((one) => !others.has(one));
}
