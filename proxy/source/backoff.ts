/**
 * Milliseconds until another try: twice as long after each failure, and spread, so that proxies that lost the same
 * server do not come back to it together.
 * @param failures in a row, from 1 on
 */
export function backoff(failures: number, { first, longest }: { first: number; longest: number }): number {
  const full = Math.min(longest, first * 2 ** (failures - 1));
  return full * (0.5 + Math.random() / 2);
}
