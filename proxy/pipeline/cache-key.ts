import { canonicalRequest } from '../../core/cache/canonical-request.ts';
import { meetsCondition } from '../../core/policy/conditions.ts';
import { cacheKey, type CacheKey } from '../cache/answer-cache.ts';
import type { Exchange } from './exchange.ts';
import type { PlannedCache } from '../runtime/plan.ts';

/** Continue a trace, and change no answer. */
const TRACING = new Set(['traceparent', 'tracestate']);

/** Everything that decides the answer, and who may share it. */
export function keyOf(x: Exchange, { rules, source }: PlannedCache): CacheKey {
  const { parsed, endpoint, alias } = x;
  const about = [
    endpoint,
    alias.id,
    parsed.model,
    parsed.stream,
    rules.scope,
    sharers(x, rules.scope),
    rules.monitor,
    source,
    takers(x),
    forwarded(x),
  ];
  return cacheKey(canonicalRequest(parsed, about));
}

function sharers({ caller }: Exchange, scope: PlannedCache['rules']['scope']): string {
  if (scope === 'Caller') return caller.id;
  return scope === 'Namespace' ? caller.config.namespace : '';
}

/** Which targets take the request: their conditions read more of it than its body. */
function takers({ alias, caller, request }: Exchange): readonly boolean[] | undefined {
  if (!alias.conditional) return undefined;
  const labels = caller.config.labels ?? {};
  return alias.targets.map(({ config }) => meetsCondition(config.when, request.req.headers, labels));
}

/** Headers of the caller that a provider gets to see. */
function forwarded({ alias, request }: Exchange): readonly [string, unknown][] {
  const names = new Set(alias.targets.flatMap(({ credential }) => credential.forwarded));
  return [...names].filter((name) => !TRACING.has(name)).map((name) => [name, request.req.headers[name]]);
}
