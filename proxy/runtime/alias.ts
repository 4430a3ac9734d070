import { wildcardPart } from '../../core/access/match.ts';
import type { Alias as AliasConfig, Target as TargetConfig } from '../../core/config/config.ts';
import { STRATEGIES } from '../../core/strategies/index.ts';
import type { Picker } from '../../core/strategies/strategy.ts';
import type { Breaker } from '../health/breaker.ts';
import type { Load } from '../health/load.ts';
import type { RetryBudget } from '../health/retry-budget.ts';
import type { Credential } from './credential.ts';

/** One target of an alias. Targets with the same credential and model share their breaker and load. */
export interface Target {
  config: TargetConfig;
  credential: Credential;
  /** `credential/model`. */
  id: string;
  breaker: Breaker;
  load: Load;
}

/** Targets of one priority; indices into the alias's targets. */
export interface Tier {
  targets: readonly number[];
  picker: Picker;
}

export interface Alias {
  id: string;
  config: AliasConfig;
  targets: readonly Target[];
  /** Lowest priority first. Drained targets are in none. */
  tiers: readonly Tier[];
  /** Some target has a condition. */
  conditional: boolean;
  retryBudget: RetryBudget;
}

export function buildTiers(config: AliasConfig, all: readonly Target[]): Tier[] {
  const byPriority = new Map<number, number[]>();
  config.targets.forEach(({ priority, weight }, i) => {
    if (weight === 0) return;
    byPriority.set(priority, [...(byPriority.get(priority) ?? []), i]);
  });
  const strategy = STRATEGIES[config.routing.strategy]!;
  if (strategy.countsLoad) for (const { load } of all) load.watch();
  return [...byPriority]
    .toSorted(([a], [b]) => a - b)
    .map(([, targets]) => ({
      targets,
      picker: strategy.picker(
        targets.map((i) => ({ weight: config.targets[i]!.weight, load: all[i]!.load })),
      ),
    }));
}

/** The model's name at the provider. */
export function upstreamModel(alias: AliasConfig, target: TargetConfig, requested: string): string {
  return target.model.includes('*')
    ? target.model.replace('*', () => wildcardPart(alias.name, requested))
    : target.model;
}
