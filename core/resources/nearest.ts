import { closest, distance } from 'fastest-levenshtein';

/** The name somebody probably meant, when one is near enough to be a typing mistake; letter case does not count. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || typed.length > 64) return undefined;
  const same = known.find((name) => name.toLowerCase() === typed.toLowerCase());
  if (same !== undefined) return same;
  const best = closest(typed, known);
  return distance(typed, best) <= Math.ceil(typed.length / 3) ? best : undefined;
}

/**
 * The end of a message about a name that is not known.
 * @example hint('modle', ['model', 'weight']) // ', did you mean "model"?'
 */
export function hint(typed: string, known: readonly string[]): string {
  const best = nearest(typed, known);
  if (best !== undefined) return `, did you mean "${best}"?`;
  return known.length === 0 ? ': nothing belongs here' : `: known here are ${known.join(', ')}`;
}
