import type { ParsedRequest } from '../dialects/dialect.ts';
import { compact } from '../json/compact.ts';

/** What these say stands in `about`. */
const REPLACED = ['model', 'stream'];

/**
 * A request as bytes: two requests have the same ones only if a provider cannot tell them apart. Top-level fields are
 * in the order of their names and white space is gone; all else stays as it was written, because parsers differ in
 * what they make of a nested field that appears twice, or of a number with many digits.
 *
 * @param about what decides the answer besides the body
 */
export function canonicalRequest({ bytes, members }: ParsedRequest, about: readonly unknown[]): Buffer {
  const parts: Buffer[] = [Buffer.from(JSON.stringify(about))];
  for (const { key, valueStart, end } of members.toSorted((a, b) => compareText(a.key, b.key))) {
    if (REPLACED.includes(key)) continue;
    const value = compact(bytes.subarray(valueStart, end));
    // With its length, so that no value can look like the next field.
    parts.push(Buffer.from(`\n${JSON.stringify(key)}:${value.length}:`), value);
  }
  return Buffer.concat(parts);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
