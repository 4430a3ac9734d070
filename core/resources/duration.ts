const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Milliseconds of a duration that the schema has accepted.
 * @example durationMs('1m30s') // 90000
 */
export function durationMs(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9.]+)(ms|s|m|h)/g)) {
    total += Number(amount) * (MS_PER_UNIT[unit ?? ''] ?? 0);
  }
  return total;
}
