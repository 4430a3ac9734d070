import type { Config } from '../../core/config/config.ts';
import { canonicalJson } from '../../core/config/canonical.ts';
import { Breaker } from '../health/breaker.ts';
import { RetryBudget } from '../health/retry-budget.ts';
import { MemoryLimits } from '../limits/memory.ts';
import { Credential } from './credential.ts';
import { remember } from './remember.ts';

/** What outlives a configuration: counters, the health of targets, connections that are still right. */
export class GatewayState {
  readonly limits = new MemoryLimits();
  readonly #breakers = new Map<string, Breaker>();
  readonly #retryBudgets = new Map<string, RetryBudget>();
  #credentials = new Map<string, { content: string; credential: Credential }>();

  breaker(targetId: string): Breaker {
    return remember(this.#breakers, targetId, () => new Breaker());
  }

  retryBudget(aliasId: string): RetryBudget {
    return remember(this.#retryBudgets, aliasId, () => new RetryBudget());
  }

  /** Credentials that did not change keep their connections; the others get new ones. */
  credentials(config: Config): Map<string, Credential> {
    const next = new Map<string, { content: string; credential: Credential }>();
    for (const [id, entry] of Object.entries(config.credentials)) {
      const content = canonicalJson(entry);
      const known = this.#credentials.get(id);
      next.set(id, known?.content === content ? known : { content, credential: new Credential(id, entry) });
    }
    this.#credentials = next;
    return new Map([...next].map(([id, { credential }]) => [id, credential]));
  }
}
