import { GatewayError } from '../../core/errors.ts';
import { demandsOf, limitName } from '../limits/demands.ts';
import type { MemoryLimits, Standing } from '../limits/memory.ts';
import { formatDuration, rateLimitHeaders } from '../limits/rate-limit-headers.ts';
import type { Stage } from './exchange.ts';

/** How long a caller waits for a free place when nothing says when one will be free. */
const RETRY_CONCURRENT = 1_000;

/** Counts the request against every limit that holds, or against none when one refuses it. */
export function limit(limits: MemoryLimits): Stage {
  return (x, next) => {
    const { request, plan } = x;
    if (plan.limits.length === 0) return next();
    const demands = demandsOf(plan.limits, x);
    const { allowed, standings } = limits.reserve(demands, Date.now());
    for (const { demand, exceeded } of standings) {
      if (exceeded && demand.monitor) request.record.wouldHave.push(`limit ${limitName(demand)}`);
    }
    request.headers.push(...rateLimitHeaders(standings));
    if (!allowed) throw refusal(x.request.record, standings);
    request.onFinish(() => limits.release(demands));
    return next();
  };
}

function refusal(record: { limitedBy?: string }, standings: readonly Standing[]): GatewayError {
  const refusing = standings.filter(({ exceeded, demand }) => exceeded && !demand.monitor);
  const { demand, resetIn } = refusing.reduce((a, b) => (b.resetIn > a.resetIn ? b : a));
  const name = limitName(demand);
  record.limitedBy = name;
  const retryAfter = demand.per === undefined ? RETRY_CONCURRENT : resetIn;
  const what = demand.per === undefined ? 'requests at once' : `requests per ${demand.per.toLowerCase()}`;
  const message = `The limit ${name} of ${demand.max} ${what} is reached. Try again in ${formatDuration(retryAfter)}.`;
  return new GatewayError('rate_limit_exceeded', message, { retryAfter });
}
