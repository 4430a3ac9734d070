import type { Limit, Parameters, Policy } from '../config/config.ts';
import type { ErrorCode } from '../errors.ts';

/** A request as far as routing looks at it. */
export interface Question {
  /** `namespace/name` of a caller, or its name alone where that is unambiguous. */
  caller: string;
  /** What the application would send as "model". */
  model: string;
  /** Request headers; names in any case. */
  headers?: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * What would happen to a request, and why. What lies behind the step that refuses it is left out. It shows no
 * provider key, no caller key, no hash of one and no value of a credential's header.
 */
export interface Explanation {
  model: string;
  outcome: Outcome;
  caller?: CallerExplanation;
  alias?: AliasExplanation;
  /** Those that govern this request whatever its target is, from general to specific. */
  policies: readonly PolicyExplanation[];
  settings: readonly Setting[];
  limits: readonly LimitExplanation[];
  /** Lowest priority first: a tier is used when the one before it has no healthy target. */
  tiers: readonly Tier[];
}

export type Outcome =
  | { allowed: true }
  | { allowed: false; code: ErrorCode; status: number; message: string };

export interface CallerExplanation {
  /** `namespace/name`. */
  id: string;
  state: 'ok' | 'disabled' | 'expired' | 'without a key';
  /** RFC 3339. */
  expiresAt?: string;
  attributes?: Readonly<Record<string, string>>;
}

export interface AliasExplanation {
  id: string;
  name: string;
  /** What the * of a wildcard alias stands for in this request. */
  wildcard?: string;
  strategy: string;
  whenAllUnhealthy: string;
}

/** What made a policy govern the request: the most specific of the objects that bind it. */
export type Level = 'namespace' | 'credential' | 'alias' | 'caller';

export interface PolicyExplanation {
  id: string;
  level: Level;
  mode: Policy['mode'];
}

/** Durations in milliseconds, sizes in bytes. */
export interface Setting {
  /** `timeouts.connect`. */
  path: string;
  value: number | readonly string[];
  /** Id of the policy that sets it; absent for a default. */
  policy?: string;
  /** The policy is in Monitor mode: it only records what it would have done. */
  monitor?: true;
}

export interface LimitExplanation extends Limit {
  policy: string;
  mode: Policy['mode'];
  /** Requests with the same value share one counter. */
  counter: string;
}

export interface Tier {
  priority: number;
  targets: readonly TargetExplanation[];
}

export interface TargetExplanation {
  /** Place in the alias's list of targets. */
  index: number;
  credential: string;
  provider: string;
  baseURL?: string;
  /** The model's name at the provider. */
  model: string;
  state: 'used' | 'drained' | 'condition not met';
  weight: number;
  /** Percent of this tier's requests that are like this one. */
  share: number;
  conditions: readonly Condition[];
  parameters?: Parameters;
  /** Policies that name its credential. */
  policies: readonly PolicyExplanation[];
  /** Settings that differ from the request's own, because of these policies. */
  settings: readonly Setting[];
  /** Limits that count at this target: when one is reached, the target is passed over. */
  limits: readonly LimitExplanation[];
}

/** One demand of a target on the request or its caller. */
export interface Condition {
  on: 'header' | 'caller label';
  name: string;
  wanted: string;
  met: boolean;
}
