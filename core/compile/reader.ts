import type { Resource } from '../resources/kinds.ts';
import { parseResource } from '../resources/parse.ts';
import type { Parsed } from '../resources/problem.ts';

/** Makes a resource of what a file or the API server gave. */
export type Reader = (input: unknown) => Parsed<Resource>;

/** As the API server does it: what the schema does not know is dropped. */
export const readResource: Reader = (input) => parseResource(input, { strict: false });

/** A reader for a world that changes object by object: each object, as long as it is the same, is read once. */
export function rememberingReader(): Reader {
  const known = new WeakMap<object, Parsed<Resource>>();
  return (input) => {
    if (typeof input !== 'object' || input === null) return readResource(input);
    const before = known.get(input);
    if (before !== undefined) return before;
    const parsed = readResource(input);
    known.set(input, parsed);
    return parsed;
  };
}
