export interface Compared<T> {
  added: [string, T][];
  removed: [string, T][];
  kept: [string, T, T][];
}

/** Matches the entries of two records by their keys, in the order of the keys. */
export function compareEntries<T>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
): Compared<T> {
  const result: Compared<T> = { added: [], removed: [], kept: [] };
  for (const key of Object.keys({ ...before, ...after }).toSorted()) {
    const [was, is] = [before[key], after[key]];
    if (was !== undefined && is !== undefined) result.kept.push([key, was, is]);
    else if (is !== undefined) result.added.push([key, is]);
    else if (was !== undefined) result.removed.push([key, was]);
  }
  return result;
}
