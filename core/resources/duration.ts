const US_PER_UNIT: Readonly<Record<string, number>> = { ms: 1e3, s: 1e6, m: 60e6, h: 3600e6 };

/**
 * Milliseconds of a duration that the schema has accepted.
 * @example durationMs('1m30s') // 90000
 */
export function durationMs(text: string): number {
  // In whole microseconds, the finest that three decimals can say: 0.07m and 4200ms are the same.
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9.]+)(ms|s|m|h)/g)) {
    total += Math.round(Number(amount) * (US_PER_UNIT[unit ?? ''] ?? 0));
  }
  return total / 1000;
}
