import { GatewayError } from '../../core/errors.ts';
import { demandsOf } from '../limits/demands.ts';
import type { MemoryLimits, Standing } from '../limits/memory.ts';
import { formatDuration, rateLimitHeaders } from '../limits/rate-limit-headers.ts';
import { remember } from '../runtime/remember.ts';
import { noteMonitored, refusing } from '../limits/standings.ts';
import type { Stage } from './exchange.ts';
import type { RequestRecord } from './request-record.ts';

/** Counts the request against every limit that holds, or against none when one refuses it. */
export function limit(limits: MemoryLimits): Stage {
  return (x, next) => {
    const { request, plan } = x;
    if (plan.limits.length === 0) return next();
    const demands = plan.limitsReadRequest
      ? demandsOf(plan.limits, x)
      : remember(x.caller.demands, x.alias.id, () => demandsOf(plan.limits, x));
    const { allowed, standings } = limits.reserve(demands, Date.now());
    noteMonitored(request.record, standings);
    request.headers.push(...rateLimitHeaders(standings));
    if (!allowed) throw refusal(x.request.record, standings);
    request.onFinish(() => limits.release(demands));
    return next();
  };
}

function refusal(record: RequestRecord, standings: readonly Standing[]): GatewayError {
  const { name, demand, retryAfter } = refusing(standings);
  record.limitedBy = name;
  const what = demand.per === undefined ? 'requests at once' : `requests per ${demand.per.toLowerCase()}`;
  const message = `The limit ${name} of ${demand.max} ${what} is reached. Try again in ${formatDuration(retryAfter)}.`;
  return new GatewayError('rate_limit_exceeded', message, { retryAfter });
}
