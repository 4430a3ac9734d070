/** An RFC 3339 instant in milliseconds since the epoch; undefined when it is none. */
export function instant(text: string | undefined): number | undefined {
  const at = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
