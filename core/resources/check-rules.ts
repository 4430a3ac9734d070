import type * as z from 'zod';
import type { Problem } from './problem.ts';
import { type Rule, rulesOf } from './rules.ts';
import { childSchema, entriesOf, unwrap } from './schema-node.ts';

/** Every rule that a value, which the schema has accepted, does not keep; outer values first. */
export function brokenRules(schema: z.ZodType, value: unknown, path: Problem['path'] = []): Problem[] {
  if (value === undefined) return [];
  const node = unwrap(schema);
  const own = rulesOf(node)
    .filter((rule) => !(rule as Rule<unknown>).check(value))
    .map(({ fieldPath, message }) => ({ path: [...path, ...steps(fieldPath)], message }));
  const inner = entriesOf(value).flatMap(([key, item]) => {
    const child = childSchema(node, key);
    return child === undefined ? [] : brokenRules(child, item, [...path, key]);
  });
  return [...own, ...inner];
}

const steps = (fieldPath = ''): string[] => fieldPath.split('.').filter((step) => step !== '');
