import type { Standing } from './memory.ts';

/**
 * The tightest request limit in OpenAI's headers; `reset` is a duration such as `1m30s`.
 * https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers
 */
export function rateLimitHeaders(standings: readonly Standing[]): readonly string[] {
  let tightest: Standing | undefined;
  for (const standing of standings) {
    const { demand, remaining } = standing;
    if (demand.per === undefined || demand.monitor) continue;
    if (!tightest || remaining < tightest.remaining) tightest = standing;
  }
  if (!tightest) return NONE;
  const { demand, remaining, resetIn } = tightest;
  return [
    'x-ratelimit-limit-requests',
    String(demand.max),
    'x-ratelimit-remaining-requests',
    String(remaining),
    'x-ratelimit-reset-requests',
    formatDuration(resetIn),
  ];
}

const NONE: readonly string[] = [];

/** @example formatDuration(90_000) // '1m30s' */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 1_000);
  const part = (n: number, unit: string): string => (n > 0 ? `${n}${unit}` : '');
  return (
    part(Math.floor(seconds / 3_600), 'h') +
    part(Math.floor(seconds / 60) % 60, 'm') +
    part(seconds % 60, 's')
  );
}
