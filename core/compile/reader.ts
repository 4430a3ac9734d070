import type { Egress } from '../net/egress.ts';
import type { Resource } from '../resources/kinds.ts';
import { parseResource } from '../resources/parse.ts';
import type { Parsed } from '../resources/problem.ts';
import { firstProblem } from './checks/index.ts';
import { createdAt, idOf } from './identity.ts';
import type { Problem } from './statuses.ts';

/** A resource that can be read, and what is known of it whatever else there is. */
export interface Readable {
  resource: Resource;
  id: string;
  createdAt: number;
  /** Why it cannot be used although its form is right. */
  fault: Problem | undefined;
}

export type Reading = ({ ok: true } & Readable) | Extract<Parsed<Resource>, { ok: false }>;

/** Makes a resource of what a file or the API server gave. */
export type Reader = (input: unknown, egress: Egress) => Reading;

/** As the API server does it: what the schema does not know is dropped. */
export const readResource: Reader = (input, egress) => {
  const parsed = parseResource(input, { strict: false });
  if (!parsed.ok) return parsed;
  const { resource } = parsed;
  return {
    ok: true,
    resource,
    id: idOf(resource),
    createdAt: createdAt(resource),
    fault: firstProblem(resource, egress),
  };
};

/**
 * A reader for a world that changes object by object, under one egress rule: each object, as long as it is the same,
 * is read once.
 */
export function rememberingReader(): Reader {
  const known = new WeakMap<object, Reading>();
  return (input, egress) => {
    if (typeof input !== 'object' || input === null) return readResource(input, egress);
    const before = known.get(input);
    if (before !== undefined) return before;
    const reading = readResource(input, egress);
    known.set(input, reading);
    return reading;
  };
}
