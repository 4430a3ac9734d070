import type { Period } from '../../core/config/config.ts';

const LENGTHS: Record<Exclude<Period, 'Month'>, number> = {
  Second: 1_000,
  Minute: 60_000,
  Hour: 3_600_000,
  Day: 86_400_000,
};

/** The window of the UTC calendar that holds an instant: milliseconds since the epoch, `end` exclusive. */
export function windowAt(period: Period, now: number): { start: number; end: number } {
  if (period === 'Month') {
    const date = new Date(now);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    return { start: Date.UTC(year, month), end: Date.UTC(year, month + 1) };
  }
  const length = LENGTHS[period];
  const start = now - (now % length);
  return { start, end: start + length };
}
