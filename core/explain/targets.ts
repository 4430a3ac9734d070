import { wildcardPart } from '../access/match.ts';
import type { Alias, Caller, Config, Target } from '../config/config.ts';
import { meetsCondition } from '../policy/conditions.ts';
import { effectivePolicy, type Effective } from '../policy/effective.ts';
import type { Condition, TargetExplanation, Tier } from './explanation.ts';
import { describeLimit, describePolicy, describeSettings, type Request } from './policies.ts';

/** A request whose alias is known, with the policies that hold whatever its target is. */
export interface Routed {
  request: Request;
  model: string;
  alias: Alias;
  base: Effective;
}

/** The targets in the order in which they come into question. */
export function describeTiers(config: Config, routed: Routed): Tier[] {
  const all = routed.alias.targets.map((target, index) => describeTarget(config, routed, target, index));
  const byPriority = Map.groupBy(all, ({ index }) => routed.alias.targets[index]!.priority);
  return [...byPriority]
    .toSorted(([a], [b]) => a - b)
    .map(([priority, targets]) => ({ priority, targets: withShares(targets) }));
}

function describeTarget(config: Config, routed: Routed, target: Target, index: number): TargetExplanation {
  const { request, alias, model } = routed;
  const credential = config.credentials[target.credential]!;
  return {
    index,
    credential: target.credential,
    provider: credential.provider,
    ...(credential.baseURL !== undefined && { baseURL: address(credential.baseURL) }),
    model: target.model.replace('*', () => wildcardPart(alias.name, model)),
    state: stateOf(target, request, config.callers[request.callerId]!),
    weight: target.weight,
    share: 0,
    conditions: conditionsOf(target, request, config.callers[request.callerId]!),
    ...(target.parameters && { parameters: target.parameters }),
    ...policiesAt(config, routed, target),
  };
}

function stateOf(target: Target, { headers }: Request, { labels = {} }: Caller): TargetExplanation['state'] {
  if (target.weight === 0) return 'drained';
  return meetsCondition(target.when, headers, labels) ? 'used' : 'condition not met';
}

function conditionsOf({ when }: Target, { headers }: Request, { labels = {} }: Caller): Condition[] {
  const check = (on: Condition['on'], wanted: Record<string, string>, given: Record<string, string>) =>
    Object.entries(wanted).map(([name, value]) => ({ on, name, wanted: value, met: given[name] === value }));
  return [
    ...check('header', when?.headers ?? {}, headers),
    ...check('caller label', when?.callerLabels ?? {}, labels),
  ];
}

/** What policies that name the target's credential add to those of the request. */
function policiesAt(
  config: Config,
  { request, base }: Routed,
  { credential, model }: Target,
): Pick<TargetExplanation, 'policies' | 'settings' | 'limits'> {
  const at: Request = { ...request, credentialId: credential, target: `${credential}/${model}` };
  const own = effectivePolicy(config, at);
  const added = own.policies.filter((id) => !base.policies.includes(id));
  const general = new Map(describeSettings(base).map(({ path, policy }) => [path, policy]));
  return {
    policies: added.map((id) => describePolicy(config, id, at)),
    settings: describeSettings(own).filter(({ path, policy }) => general.get(path) !== policy),
    limits: own.limits
      .filter(({ scope, policy }) => scope === 'Target' || added.includes(policy))
      .map((limit) => describeLimit(config, limit, at)),
  };
}

function withShares(targets: readonly TargetExplanation[]): TargetExplanation[] {
  const used = targets.filter(({ state }) => state === 'used');
  const total = used.reduce((sum, { weight }) => sum + weight, 0);
  return targets.map((target) =>
    target.state === 'used' ? { ...target, share: Math.round((target.weight / total) * 1_000) / 10 } : target,
  );
}

/** Without what an address can carry besides: a password, a key in the query. */
function address(baseURL: string): string {
  const { origin, pathname, username, search } = new URL(baseURL);
  return username === '' && search === '' ? baseURL : `${origin}${pathname}`;
}
