import type { Endpoint } from '../../core/chat/endpoint.ts';
import type { ParsedRequest } from '../../core/dialects/dialect.ts';
import type { Alias } from '../runtime/alias.ts';
import type { Caller } from '../runtime/caller.ts';
import type { Plan, PlannedTarget } from '../runtime/plan.ts';
import type { Answer } from './answer.ts';
import type { CallerRequest } from './caller-request.ts';

/** What the stages share about an admitted request. */
export interface Exchange {
  readonly request: CallerRequest;
  readonly endpoint: Endpoint;
  readonly parsed: ParsedRequest;
  readonly caller: Caller;
  readonly alias: Alias;
  readonly plan: Plan;
}

/** An exchange with the target that `route` chose for the next attempt. */
export interface RoutedExchange extends Exchange {
  readonly target: PlannedTarget;
  /** The model's name at the provider. */
  readonly model: string;
  /** The provider key to use; undefined for providers without one. */
  readonly key: string | undefined;
}

/** A step that wraps what follows. */
export type Stage = (x: Exchange, next: () => Promise<Answer>) => Promise<Answer>;
