import type { Config } from '../../core/config/config.ts';
import { canonicalJson } from '../../core/config/canonical.ts';
import { AnswerCache } from '../cache/answer-cache.ts';
import { Breaker } from '../health/breaker.ts';
import { Load } from '../health/load.ts';
import { RetryBudget } from '../health/retry-budget.ts';
import { MemoryLimits } from '../limits/memory.ts';
import { Credential } from './credential.ts';
import { remember } from './remember.ts';

/** What outlives a configuration: counters, the health of targets, connections that are still right. */
export class GatewayState {
  readonly limits = new MemoryLimits();
  readonly answers = new AnswerCache();
  readonly #breakers = new Map<string, Breaker>();
  readonly #loads = new Map<string, Load>();
  readonly #retryBudgets = new Map<string, RetryBudget>();
  #credentials = new Map<string, { content: string; credential: Credential }>();

  breaker(targetId: string): Breaker {
    return remember(this.#breakers, targetId, () => new Breaker());
  }

  load(targetId: string): Load {
    return remember(this.#loads, targetId, () => new Load());
  }

  retryBudget(aliasId: string): RetryBudget {
    return remember(this.#retryBudgets, aliasId, () => new RetryBudget());
  }

  /**
   * Credentials that did not change keep their connections; the others get new ones, and what their targets failed
   * with before is forgotten: a new key may well be the cure.
   */
  credentials(config: Config): Map<string, Credential> {
    const next = new Map<string, { content: string; credential: Credential }>();
    for (const [id, entry] of Object.entries(config.credentials)) {
      const content = canonicalJson(entry);
      const known = this.#credentials.get(id);
      if (known?.content === content) next.set(id, known);
      else {
        next.set(id, { content, credential: new Credential(id, entry) });
        this.#forgetBreakers(id);
      }
    }
    this.#credentials = next;
    return new Map([...next].map(([id, { credential }]) => [id, credential]));
  }

  #forgetBreakers(credentialId: string): void {
    for (const targetId of this.#breakers.keys()) {
      if (targetId.startsWith(`${credentialId}/`)) this.#breakers.delete(targetId);
    }
  }
}
