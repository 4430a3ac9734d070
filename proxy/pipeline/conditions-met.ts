import { meetsCondition } from '../../core/policy/conditions.ts';
import type { Exchange } from './exchange.ts';

/** For each target of the alias, whether the request meets its condition. */
export function conditionsMet({ alias, caller, request }: Exchange): readonly boolean[] {
  const labels = caller.config.labels ?? {};
  return alias.targets.map(({ config }) => meetsCondition(config.when, request.req.headers, labels));
}
