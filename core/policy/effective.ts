import type { Config, Failure, Limit, Policy } from '../config/config.ts';

/** Durations in milliseconds, sizes in bytes. */
export interface Settings {
  timeouts: { connect: number; firstByte: number; idle: number; total: number };
  retries: {
    attempts: number;
    retryOn: readonly Failure[];
    backoffBase: number;
    backoffMax: number;
    budgetPercent: number;
  };
  circuitBreaker: {
    failures: number;
    window: number;
    openFor: number;
    maxOpenFor: number;
    openOn: readonly Failure[];
  };
  request: { maxBodyBytes: number };
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** What holds without any policy. A thinking model may be silent for minutes, hence the patient timeouts. */
export const DEFAULTS: Settings = {
  timeouts: { connect: 5 * SECOND, firstByte: 10 * MINUTE, idle: 5 * MINUTE, total: 60 * MINUTE },
  retries: {
    attempts: 2,
    retryOn: ['ConnectFailure', 'Timeout', '429', '5xx'],
    backoffBase: 100,
    backoffMax: 2 * SECOND,
    budgetPercent: 20,
  },
  circuitBreaker: {
    failures: 5,
    window: 30 * SECOND,
    openFor: 30 * SECOND,
    maxOpenFor: 10 * MINUTE,
    openOn: ['ConnectFailure', 'Timeout', '401', '429', '5xx'],
  },
  request: { maxBodyBytes: 32 * 1024 * 1024 },
};

export interface EffectiveLimit extends Limit {
  /** Id of the policy that sets it. */
  policy: string;
  mode: Policy['mode'];
}

/** An answer cache, and the policy that sets it: as a whole, so that a scope never comes from another policy. */
export interface EffectiveCache extends NonNullable<Policy['cache']> {
  policy: string;
  /** It only records what it would have answered. */
  monitor: boolean;
}

export interface Effective {
  settings: Settings;
  /** Dotted path of each setting (`timeouts.connect`) that a policy decided → that policy's id. */
  sources: Record<string, string>;
  limits: readonly EffectiveLimit[];
  cache?: EffectiveCache;
  /** Ids of the policies that apply, from general to specific. */
  policies: readonly string[];
}

/** The objects that one request concerns. Without a credential: what is known before a target is chosen. */
export interface Subject {
  callerId: string;
  aliasId: string;
  credentialId?: string;
}

/**
 * Merges the policies that govern a request. From general to specific: namespace, credential, alias, caller;
 * limits add up, of every other field the most specific policy that sets it wins.
 * A policy in Monitor mode changes no setting.
 */
export function effectivePolicy(config: Config, subject: Subject): Effective {
  const settings = structuredClone(DEFAULTS);
  const sources: Record<string, string> = {};
  const limits: EffectiveLimit[] = [];
  const policies = governing(config, subject);
  for (const id of policies) {
    const policy = config.policies[id]!;
    for (const limit of policy.limits ?? []) limits.push({ ...limit, policy: id, mode: policy.mode });
    if (policy.mode === 'Enforce') overlay(settings, policy, id, sources);
  }
  const cache = effectiveCache(config, policies);
  return { settings, sources, limits, policies, ...(cache && { cache }) };
}

/** One that is in force wins over one that only watches. */
function effectiveCache({ policies }: Config, ids: readonly string[]): EffectiveCache | undefined {
  const found = ids.flatMap((policy) => {
    const { cache, mode } = policies[policy]!;
    return cache ? [{ ...cache, policy, monitor: mode === 'Monitor' }] : [];
  });
  return found.findLast(({ monitor }) => !monitor) ?? found.at(-1);
}

function governing(config: Config, { callerId, aliasId, credentialId }: Subject): string[] {
  const caller = config.callers[callerId]!;
  const alias = config.aliases[aliasId]!;
  const ids = [
    ...(config.namespaces[alias.namespace]?.policies ?? []),
    ...((credentialId !== undefined && config.credentials[credentialId]?.policies) || []),
    ...(alias.policies ?? []),
    ...(caller.policies ?? []),
  ];
  const ownsTraffic = (id: string): boolean => {
    const owner = config.policies[id]?.namespace;
    return owner === alias.namespace || owner === caller.namespace;
  };
  // One policy may name both the alias and the caller: it counts once, at its most specific place.
  return ids.filter((id, i) => ids.lastIndexOf(id) === i && ownsTraffic(id));
}

const GROUPS = ['timeouts', 'retries', 'circuitBreaker', 'request'] as const;

function overlay(settings: Settings, policy: Policy, id: string, sources: Record<string, string>): void {
  for (const group of GROUPS) {
    for (const [field, value] of Object.entries(policy[group] ?? {})) {
      if (value === undefined) continue;
      Object.assign(settings[group], { [field]: value });
      sources[`${group}.${field}`] = id;
    }
  }
}
