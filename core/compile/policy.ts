import type { Failure, Limit, Policy } from '../config/config.ts';
import { durationMs } from '../resources/duration.ts';
import type { PolicyLimit, TrafficPolicy, TrafficPolicySpec } from '../resources/traffic-policy.ts';
import { withoutUndefined } from './without-undefined.ts';

/** A policy as proxies read it. What it asks for is known to be supported. */
export function toPolicy({ metadata, spec }: TrafficPolicy): Policy {
  return withoutUndefined<Policy>({
    namespace: metadata.namespace,
    name: metadata.name,
    mode: spec.mode ?? 'Enforce',
    limits: spec.limits?.map(toLimit),
    timeouts: spec.timeouts && toTimeouts(spec.timeouts),
    retries: spec.retries && toRetries(spec.retries),
    circuitBreaker: spec.circuitBreaker && toCircuitBreaker(spec.circuitBreaker),
    cache: spec.cache && toCache(spec.cache),
    request: spec.request && withoutUndefined({ maxBodyBytes: spec.request.maxBodyBytes }),
  });
}

function toLimit({ name, requests, concurrent, per, scope = 'Caller' }: PolicyLimit): Limit {
  return withoutUndefined<Limit>({
    name,
    counts: concurrent === undefined ? 'Requests' : 'Concurrent',
    max: (concurrent ?? requests)!,
    per,
    scope: scope.startsWith('Header:') ? `Header:${scope.slice('Header:'.length).toLowerCase()}` : scope,
  });
}

type Group<K extends keyof TrafficPolicySpec> = NonNullable<TrafficPolicySpec[K]>;

function toTimeouts({ connect, firstByte, idle, total }: Group<'timeouts'>): Policy['timeouts'] {
  return withoutUndefined({
    connect: milliseconds(connect),
    firstByte: milliseconds(firstByte),
    idle: milliseconds(idle),
    total: milliseconds(total),
  });
}

function toRetries({ attempts, retryOn, backoff, budgetPercent }: Group<'retries'>): Policy['retries'] {
  return withoutUndefined({
    attempts,
    retryOn: retryOn as Failure[] | undefined,
    backoffBase: milliseconds(backoff?.base),
    backoffMax: milliseconds(backoff?.max),
    budgetPercent,
  });
}

function toCircuitBreaker(breaker: Group<'circuitBreaker'>): Policy['circuitBreaker'] {
  const { failures, window, openFor, maxOpenFor, openOn } = breaker;
  return withoutUndefined({
    failures,
    window: milliseconds(window),
    openFor: milliseconds(openFor),
    maxOpenFor: milliseconds(maxOpenFor),
    openOn: openOn as Failure[] | undefined,
  });
}

function toCache({ ttl = '1h', scope = 'Caller' }: Group<'cache'>): Policy['cache'] {
  return { mode: 'Exact', ttl: milliseconds(ttl)!, scope };
}

/** Whole milliseconds, rounded up: a duration longer than zero stays so. */
function milliseconds(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : Math.ceil(durationMs(duration));
}
