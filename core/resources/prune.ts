import { hint } from './nearest.ts';
import type { Problem } from './problem.ts';
import { childOf, entriesOf, type SchemaNode } from './schema-node.ts';

/**
 * A copy without the members that the schema does not know and without nulls, as the API server stores it:
 * `model:` with nothing behind it is the same as no `model`.
 */
export function prune(node: SchemaNode, value: unknown): unknown {
  if (!comparable(node, value)) return value;
  const { entry } = node;
  if (Array.isArray(value)) return entry ? value.map((item) => prune(entry, item)) : value;
  const kept = Object.entries(value as object).flatMap(([key, item]: [string, unknown]) => {
    const child = childOf(node, key);
    const dropped = child === undefined || (item === null && child.shape !== 'any');
    return dropped ? [] : [[key, prune(child, item)] as const];
  });
  return Object.fromEntries(kept);
}

/** One problem for each member that the schema does not know. */
export function unknownFields(node: SchemaNode, value: unknown, path: Problem['path'] = []): Problem[] {
  if (!comparable(node, value)) return [];
  return entriesOf(value).flatMap(([key, item]): Problem[] => {
    const child = childOf(node, key);
    if (child !== undefined) return unknownFields(child, item, [...path, key]);
    const message = `unknown field "${String(key).slice(0, 64)}"${hint(String(key), [...node.members.keys()])}`;
    return [{ path: [...path, key], message }];
  });
}

/** A scalar has no members; a map where a list belongs, or the reverse, is for the schema to refuse. */
function comparable({ shape }: SchemaNode, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) ? shape === 'list' : shape === 'object' || shape === 'map';
}
