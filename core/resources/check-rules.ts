import type { Problem } from './problem.ts';
import { childOf, entriesOf, type SchemaNode } from './schema-node.ts';

/** Every rule that a value, which the schema has accepted, does not keep; outer values first. */
export function brokenRules(node: SchemaNode, value: unknown, path: Problem['path'] = []): Problem[] {
  if (!node.ruled || value === undefined) return [];
  const own = node.rules
    .filter((rule) => !rule.check(value))
    .map(({ fieldPath, message }) => ({ path: [...path, ...steps(fieldPath)], message }));
  const inner = entriesOf(value).flatMap(([key, item]) => {
    const child = childOf(node, key);
    return child?.ruled ? brokenRules(child, item, [...path, key]) : [];
  });
  return [...own, ...inner];
}

const steps = (fieldPath = ''): string[] => fieldPath.split('.').filter((step) => step !== '');
