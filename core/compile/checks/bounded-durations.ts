import { durationMs } from '../../resources/duration.ts';
import type { TrafficPolicy } from '../../resources/traffic-policy.ts';
import { valuesAt } from '../path-values.ts';
import type { Problem } from '../statuses.ts';

const LONGEST_HOURS = 24;

const DURATIONS = [
  'spec.timeouts.connect',
  'spec.timeouts.firstByte',
  'spec.timeouts.idle',
  'spec.timeouts.total',
  'spec.retries.backoff.base',
  'spec.retries.backoff.max',
  'spec.circuitBreaker.window',
  'spec.circuitBreaker.openFor',
  'spec.circuitBreaker.maxOpenFor',
];

/** A timer beyond 24.8 days fires at once, and no request or rest is meant to take a day. */
export function boundedDurations(policy: TrafficPolicy): Problem | undefined {
  const tooLong = DURATIONS.flatMap((path) => valuesAt(policy, path)).find(
    ({ value }) => durationMs(String(value)) > LONGEST_HOURS * 3_600_000,
  );
  if (tooLong === undefined) return undefined;
  const message = `${tooLong.path}: ${String(tooLong.value)} is too long: write at most ${LONGEST_HOURS}h`;
  return { reason: 'Invalid', message };
}
