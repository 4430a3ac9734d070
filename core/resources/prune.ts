import * as z from 'zod';
import { hint } from './nearest.ts';
import type { Problem } from './problem.ts';
import { childSchema, dropsNull, entriesOf, unwrap } from './schema-node.ts';

interface Pruned {
  readonly value: unknown;
  /** One problem for each member that the schema does not know. */
  readonly unknown: readonly Problem[];
}

/**
 * A copy without the members that the schema does not know and without nulls, as the API server stores it:
 * `model:` with nothing behind it is the same as no `model`.
 */
export function prune(schema: z.ZodType, value: unknown, path: Problem['path'] = []): Pruned {
  const node = unwrap(schema);
  if (typeof value !== 'object' || value === null || node instanceof z.ZodUnknown)
    return { value, unknown: [] };
  // A map where a list belongs, or the reverse: for the schema to refuse, there is nothing to compare inside.
  if (Array.isArray(value) !== node instanceof z.ZodArray) return { value, unknown: [] };
  const unknown: Problem[] = [];
  const kept = entriesOf(value).flatMap(([key, item]) => {
    const child = childSchema(node, key);
    if (child === undefined && node instanceof z.ZodObject) {
      unknown.push({ path: [...path, key], message: unknownField(String(key), Object.keys(node.shape)) });
      return [];
    }
    if (child === undefined) return [[key, item] as const];
    if (item === null && dropsNull(child) && !Array.isArray(value)) return [];
    const inner = prune(child, item, [...path, key]);
    unknown.push(...inner.unknown);
    return [[key, inner.value] as const];
  });
  return { value: Array.isArray(value) ? kept.map(([, item]) => item) : Object.fromEntries(kept), unknown };
}

const unknownField = (typed: string, known: readonly string[]): string =>
  `unknown field "${typed.slice(0, 64)}"${hint(typed, known)}`;
