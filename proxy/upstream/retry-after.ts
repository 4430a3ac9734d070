type Headers = Record<string, string | string[] | undefined>;

/**
 * How long a provider asks to be left alone, in milliseconds: `retry-after-ms`, else `retry-after` in seconds or
 * as a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 *
 * @param now milliseconds since the epoch
 */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const exact = Number(headers['retry-after-ms'] ?? NaN);
  if (exact >= 0) return exact;
  const value = headers['retry-after'];
  if (typeof value !== 'string') return undefined;
  const seconds = Number(value);
  if (seconds >= 0) return seconds * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
