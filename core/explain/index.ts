import type { Config } from '../config/config.ts';
import { effectivePolicy } from '../policy/effective.ts';
import { describeAlias, findAlias } from './alias.ts';
import { callerRefusal, describeCaller, findCaller } from './caller.ts';
import type { Explanation, Outcome, Question, Tier } from './explanation.ts';
import { describeLimit, describePolicy, describeSettings, type Request } from './policies.ts';
import { refusal } from './refusal.ts';
import { describeTiers } from './targets.ts';

export type { Explanation, Question } from './explanation.ts';

const NOTHING = { policies: [], settings: [], limits: [], tiers: [] };

/** What would happen to a request, and why. Looks at the configuration only: not at health, nor at counters. */
export function explain(config: Config, question: Question): Explanation {
  const { model, now } = question;
  const found = findCaller(config, question.caller);
  if ('refused' in found) return { model, outcome: found.refused, ...NOTHING };
  const caller = describeCaller(found.id, found.caller, now);
  const { id, alias, refused } = { alias: undefined, ...findAlias(config, found.id, model) };
  const turnedAway = callerRefusal(caller) ?? refused;
  if (id === undefined || alias === undefined) return { model, outcome: turnedAway!, caller, ...NOTHING };
  const request: Request = { callerId: found.id, aliasId: id, headers: lowerCase(question.headers ?? {}) };
  const base = effectivePolicy(config, request);
  const tiers = describeTiers(config, { request, model, alias, base });
  return {
    model,
    outcome: turnedAway ?? targetRefusal(tiers) ?? { allowed: true },
    caller,
    alias: describeAlias(id, alias, model),
    policies: base.policies.map((policy) => describePolicy(config, policy, request)),
    settings: describeSettings(base),
    limits: base.limits
      .filter(({ scope }) => scope !== 'Target')
      .map((limit) => describeLimit(config, limit, request)),
    tiers,
  };
}

/** Why no target takes the request; undefined when one does. */
function targetRefusal(tiers: readonly Tier[]): Outcome | undefined {
  const targets = tiers.flatMap((tier) => tier.targets);
  if (targets.some(({ state }) => state === 'used')) return undefined;
  if (targets.length === 0) {
    return refusal('no_healthy_target', 'the alias has no target that can be used: its status says why.');
  }
  if (targets.every(({ state }) => state === 'drained')) {
    return refusal('no_healthy_target', 'every target is drained: give one a weight above 0.');
  }
  return refusal('no_matching_target', 'every target has a condition that this request does not meet.');
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
