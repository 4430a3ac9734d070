import type { Config } from '../../core/config/config.ts';
import {
  effectivePolicy,
  type Effective,
  type EffectiveCache,
  type EffectiveLimit,
  type Settings,
} from '../../core/policy/effective.ts';
import { answerSource } from '../../core/cache/answer-source.ts';
import { readsRequest } from '../limits/demands.ts';
import type { Alias, Target } from './alias.ts';

/** A target with what the policies say about sending this caller's request to it. */
export interface PlannedTarget {
  target: Target;
  settings: Settings;
  /** Limits that count at the target: a target whose limit is reached is passed over. */
  limits: readonly EffectiveLimit[];
}

/** Which answers may be given again. */
export interface PlannedCache {
  rules: EffectiveCache;
  /** Hash of what the configuration says about the answers. */
  source: string;
  /** Names of the caller's headers that some provider gets to see, but for those that only continue a trace. */
  forwarded: readonly string[];
}

/** Everything that policies decide for one caller and one alias; computed once. */
export interface Plan {
  settings: Settings;
  /** Limits that count when the request comes in. */
  limits: readonly EffectiveLimit[];
  /** The request itself says which of their counters are meant, not only its caller and alias. */
  limitsReadRequest: boolean;
  targets: readonly PlannedTarget[];
  cache: PlannedCache | undefined;
  /** The largest body that some target takes. */
  maxBodyBytes: number;
  /** Not every target takes every request: it has a condition, or takes less than others. */
  selective: boolean;
}

export function buildPlan(config: Config, callerId: string, alias: Alias): Plan {
  const effective = effectivePolicy(config, { callerId, aliasId: alias.id });
  const [perTarget, perRequest] = partition(effective.limits, ({ scope }) => scope === 'Target');
  const targets = alias.targets.map((target) => {
    const own = ownPolicies(config, callerId, alias.id, target);
    const added = own ? own.limits.filter(({ policy }) => !effective.policies.includes(policy)) : [];
    return { target, settings: (own ?? effective).settings, limits: [...perTarget, ...added] };
  });
  const limitsReadRequest = perRequest.some(({ scope }) => readsRequest(scope));
  const sizes = targets.map(({ settings }) => settings.request.maxBodyBytes);
  const maxBodyBytes = sizes.length === 0 ? effective.settings.request.maxBodyBytes : Math.max(...sizes);
  const selective = alias.conditional || sizes.some((size) => size < maxBodyBytes);
  return {
    settings: effective.settings,
    limits: perRequest,
    limitsReadRequest,
    targets,
    cache: effective.cache && plannedCache(config, alias, targets, effective.cache),
    maxBodyBytes,
    selective,
  };
}

const TRACING = ['traceparent', 'tracestate'];

function plannedCache(
  config: Config,
  alias: Alias,
  targets: readonly PlannedTarget[],
  rules: EffectiveCache,
): PlannedCache {
  const requests = targets.map(({ settings }) => settings.request);
  const forwarded = new Set(targets.flatMap(({ target }) => target.credential.forwarded));
  return {
    rules,
    source: answerSource(config, alias.config, requests),
    forwarded: [...forwarded].filter((name) => !TRACING.includes(name)),
  };
}

/** Undefined when no policy names the target's credential, which is the common case. */
function ownPolicies(
  config: Config,
  callerId: string,
  aliasId: string,
  target: Target,
): Effective | undefined {
  if (target.credential.config.policies === undefined) return undefined;
  return effectivePolicy(config, { callerId, aliasId, credentialId: target.credential.id });
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  const yes: T[] = [];
  const no: T[] = [];
  for (const item of items) (test(item) ? yes : no).push(item);
  return [yes, no];
}
