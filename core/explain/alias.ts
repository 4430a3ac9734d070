import { accessTable, lookUp, wildcardPart, type AccessTable } from '../access/match.ts';
import type { Alias, Caller, Config } from '../config/config.ts';
import type { AliasExplanation, Outcome } from './explanation.ts';
import { suggestion } from './nearest.ts';
import { refusal } from './refusal.ts';

export type FoundAlias =
  | { id: string; alias: Alias; refused?: Outcome }
  | { id?: undefined; refused: Outcome };

/** What a model name means for this caller, as the proxy's stages `resolve` and `authorize` see it. */
export function findAlias(config: Config, callerId: string, model: string): FoundAlias {
  const caller = config.callers[callerId]!;
  const granted = table(config, caller.access);
  const visible = table(config, config.namespaces[caller.namespace]?.visible);
  const id = lookUp(granted, model) ?? lookUp(visible, model);
  if (id === undefined) return { refused: refusal('model_not_found', notFound(config, caller, model)) };
  const alias = config.aliases[id]!;
  if (lookUp(granted, model) === id) return { id, alias };
  const message = `CallerKey ${callerId} does not list ModelAlias ${id}: add "${model}" to its aliases.`;
  return { id, alias, refused: refusal('permission_denied', message) };
}

export function describeAlias(id: string, alias: Alias, model: string): AliasExplanation {
  return {
    id,
    name: alias.name,
    ...(alias.name.endsWith('*') && { wildcard: wildcardPart(alias.name, model) }),
    strategy: alias.routing.strategy,
    whenAllUnhealthy: alias.routing.whenAllUnhealthy,
  };
}

function notFound(config: Config, caller: Caller, model: string): string {
  const hidden = Object.keys(config.aliases).filter((id) => config.aliases[id]!.name === model);
  if (hidden.length > 0) {
    return `ModelAlias ${hidden.join(', ')} has this name, but CallerKeys of the namespace "${caller.namespace}" may not see it: its allowedNamespaces decide.`;
  }
  const visible = config.access[config.namespaces[caller.namespace]?.visible ?? ''] ?? [];
  const names = new Set([...visible, ...(config.access[caller.access] ?? [])].map(({ match }) => match));
  const where = `the namespace "${caller.namespace}"`;
  return `no alias that ${where} can see is named "${model}"${suggestion(model, [...names])}`;
}

function table(config: Config, key: string | undefined): AccessTable {
  return accessTable((key !== undefined && config.access[key]) || []);
}
