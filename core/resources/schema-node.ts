import * as z from 'zod';
import { type Rule, rulesOf } from './rules.ts';

/** What the walks over a document need to know of a schema, worked out once: there may be 100,000 documents. */
export interface SchemaNode {
  readonly shape: 'object' | 'list' | 'map' | 'any' | 'scalar';
  /** Members of an object by name. */
  readonly members: ReadonlyMap<string, SchemaNode>;
  /** The entries of a list or map. */
  readonly entry: SchemaNode | undefined;
  readonly rules: readonly Rule<unknown>[];
  /** Whether there is a rule here or anywhere below. */
  readonly ruled: boolean;
}

const known = new WeakMap<z.ZodType, SchemaNode>();

/** The node of a schema; `.optional()` and `.default()` do not count. */
export function nodeOf(schema: z.ZodType): SchemaNode {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return nodeOf(schema.unwrap() as z.ZodType);
  const node = known.get(schema) ?? makeNode(schema);
  known.set(schema, node);
  return node;
}

function makeNode(schema: z.ZodType): SchemaNode {
  const { shape, members = new Map<string, SchemaNode>(), entry } = structureOf(schema);
  const rules = rulesOf(schema) as unknown as readonly Rule<unknown>[];
  const ruled =
    rules.length > 0 || entry?.ruled === true || [...members.values()].some((member) => member.ruled);
  return { shape, members, entry, rules, ruled };
}

interface Structure {
  readonly shape: SchemaNode['shape'];
  readonly members?: SchemaNode['members'];
  readonly entry?: SchemaNode;
}

function structureOf(schema: z.ZodType): Structure {
  if (schema instanceof z.ZodObject) {
    const members = Object.entries(schema.shape).map(
      ([name, member]) => [name, nodeOf(member as z.ZodType)] as const,
    );
    return { shape: 'object', members: new Map(members) };
  }
  if (schema instanceof z.ZodArray) return { shape: 'list', entry: nodeOf(schema.element as z.ZodType) };
  if (schema instanceof z.ZodRecord) return { shape: 'map', entry: nodeOf(schema.valueType as z.ZodType) };
  return { shape: schema instanceof z.ZodUnknown ? 'any' : 'scalar' };
}

/** The node of one member or entry; undefined when an object does not know the member. */
export function childOf({ members, entry }: SchemaNode, key: string | number): SchemaNode | undefined {
  return entry ?? members.get(String(key));
}

/** Members and entries of a value, with their keys as a path writes them. */
export function entriesOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return [...value.entries()];
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
