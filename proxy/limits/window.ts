import type { Period } from '../../core/config/config.ts';

const LENGTHS: Record<Exclude<Period, 'Month'>, number> = {
  Second: 1_000,
  Minute: 60_000,
  Hour: 3_600_000,
  Day: 86_400_000,
  Week: 604_800_000,
};

/** The epoch was a Thursday: this is the first Monday after it. */
const FIRST_MONDAY = Date.UTC(1970, 0, 5);

/**
 * The window of the UTC calendar that holds an instant: milliseconds since the epoch, `end` exclusive.
 * Weeks begin on Monday.
 */
export function windowAt(period: Period, now: number): { start: number; end: number } {
  if (period === 'Month') {
    const date = new Date(now);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    return { start: Date.UTC(year, month), end: Date.UTC(year, month + 1) };
  }
  const length = LENGTHS[period];
  const origin = period === 'Week' ? FIRST_MONDAY : 0;
  const start = origin + Math.floor((now - origin) / length) * length;
  return { start, end: start + length };
}
