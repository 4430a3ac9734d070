import type { HeaderList } from '../pipeline/caller-request.ts';
import type { Standing } from './memory.ts';

/**
 * The tightest request limit in OpenAI's headers; `reset` is a duration such as `1m30s`.
 * https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers
 */
export function rateLimitHeaders(standings: readonly Standing[]): HeaderList {
  const counted = standings.filter(({ demand }) => demand.per !== undefined && !demand.monitor);
  if (counted.length === 0) return [];
  const { demand, remaining, resetIn } = counted.reduce((a, b) => (b.remaining < a.remaining ? b : a));
  return [
    'x-ratelimit-limit-requests',
    String(demand.max),
    'x-ratelimit-remaining-requests',
    String(remaining),
    'x-ratelimit-reset-requests',
    formatDuration(resetIn),
  ];
}

/** @example formatDuration(90_000) // '1m30s' */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 1_000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 3_600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ];
  return parts
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n}${unit}`)
    .join('');
}
