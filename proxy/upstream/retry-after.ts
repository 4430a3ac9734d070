type Headers = Record<string, string | string[] | undefined>;

/**
 * How long a provider asks to be left alone, in milliseconds: `retry-after-ms`, else `retry-after` in seconds or
 * as a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 *
 * @param now milliseconds since the epoch
 */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const exact = amount(headers['retry-after-ms']);
  if (exact !== undefined) return exact;
  const value = headers['retry-after'];
  const seconds = amount(value);
  if (seconds !== undefined) return seconds * 1_000;
  // Date.parse takes almost anything; every form of an HTTP date begins with the name of a day.
  const date = typeof value === 'string' && /^[A-Z]/i.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function amount(value: Headers[string]): number | undefined {
  return typeof value === 'string' && /^\d{1,12}(\.\d+)?$/.test(value.trim()) ? Number(value) : undefined;
}
