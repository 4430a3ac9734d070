import { canonicalRequest } from '../../core/cache/canonical-request.ts';
import { cacheKey, type CacheKey } from '../cache/answer-cache.ts';
import { conditionsMet } from './conditions-met.ts';
import type { Exchange } from './exchange.ts';
import type { PlannedCache } from '../runtime/plan.ts';

/** Everything that decides the answer, and who may share it. */
export function keyOf(x: Exchange, { rules, source, forwarded }: PlannedCache): CacheKey {
  const { request, parsed, endpoint, alias } = x;
  const about = [
    endpoint,
    alias.id,
    parsed.model,
    parsed.stream,
    rules.scope,
    sharers(x, rules.scope),
    rules.monitor,
    source,
    // They read more of the request than its body.
    alias.conditional ? conditionsMet(x) : undefined,
    forwarded.map((name) => request.req.headers[name] ?? null),
  ];
  return cacheKey(canonicalRequest(parsed, about));
}

function sharers({ caller }: Exchange, scope: PlannedCache['rules']['scope']): string {
  if (scope === 'Caller') return caller.id;
  return scope === 'Namespace' ? caller.config.namespace : '';
}
