import type { Condition } from '../../core/resources/conditions.ts';

/** A condition as it stands in a status. */
export interface StoredCondition extends Condition {
  lastTransitionTime: string;
  observedGeneration: number;
}

/** What every kind has in its status, and what only some have. */
export type StatusBody = Readonly<Record<string, unknown>> & {
  observedGeneration?: number;
  conditions?: readonly StoredCondition[];
  proxies?: { ready: number; programmed: number; revision?: string };
};
