import * as z from 'zod';

/** A schema without its `.optional()` or `.default()`. */
export function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return unwrap(schema.unwrap() as z.ZodType);
  return schema;
}

/** The schema of one member or entry of a value; undefined when an object schema does not know the member. */
export function childSchema(schema: z.ZodType, key: string | number): z.ZodType | undefined {
  const node = unwrap(schema);
  if (node instanceof z.ZodArray) return node.element as z.ZodType;
  if (node instanceof z.ZodRecord) return node.valueType as z.ZodType;
  if (node instanceof z.ZodObject && Object.hasOwn(node.shape, key)) return node.shape[key] as z.ZodType;
  return undefined;
}

/** Whether the API server drops a null at this place; only a value of any JSON may be null. */
export const dropsNull = (schema: z.ZodType): boolean => !(unwrap(schema) instanceof z.ZodUnknown);

/** Members and entries of a value, with their keys as a path writes them. */
export function entriesOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return value.map((item, index) => [index, item] as const);
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
