import type { Parameters, Target } from '../config/config.ts';
import type { ModelAliasTarget } from '../resources/model-alias.ts';
import { withoutUndefined } from './without-undefined.ts';

/** A target as proxies read it, called with the credential of this id. */
export function toTarget(target: ModelAliasTarget, credential: string): Target {
  return withoutUndefined<Target>({
    credential,
    model: target.model,
    weight: target.weight ?? 1,
    priority: target.priority ?? 0,
    when: target.when && toCondition(target.when),
    parameters: target.parameters && toParameters(target.parameters),
    pricing: target.pricing,
  });
}

function toCondition({ headers, callers }: NonNullable<ModelAliasTarget['when']>): Target['when'] {
  return withoutUndefined<NonNullable<Target['when']>>({
    headers: headers && lowerCaseNames(headers),
    callerLabels: callers?.matchLabels,
  });
}

function toParameters({ clamp, ...rest }: NonNullable<ModelAliasTarget['parameters']>): Parameters {
  const bounds = Object.entries(clamp ?? {}).map(([name, { min, max }]) => [
    name,
    withoutUndefined({ min: toNumber(min), max: toNumber(max) }),
  ]);
  return withoutUndefined<Parameters>({
    ...(rest as Parameters),
    clamp: clamp && Object.fromEntries(bounds),
  });
}

function toNumber(decimal: string | undefined): number | undefined {
  return decimal === undefined ? undefined : Number(decimal);
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
