import { distance } from 'fastest-levenshtein';

/** The known name that was probably meant; undefined when nothing is near. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const d = distance(name, candidate);
    if (d < least) [best, least] = [candidate, d];
  }
  return best;
}

/** `: did you mean "x"?`, or what there is, or that there is nothing. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `: did you mean "${near}"?`;
  if (known.length === 0) return '.';
  const shown = known.slice(0, 10).join(', ');
  return `. There is: ${shown}${known.length > 10 ? `, and ${known.length - 10} more` : ''}.`;
}
