import * as z from 'zod';
import { ruled } from './rules.ts';

/** A list without duplicates; server-side apply merges it by value. */
export function setOf<T extends z.ZodString | z.ZodInt | z.ZodEnum>(item: T, max: number): z.ZodArray<T> {
  return ruled(z.array(item).max(max).meta({ 'x-kubernetes-list-type': 'set' }), {
    message: 'the same entry stands here twice: remove one',
    check: (list: readonly unknown[]) => new Set(list).size === list.length,
  });
}

/** A list whose entries are told apart by one required member; server-side apply merges it by that. */
export function listBy<T extends z.ZodObject>(
  key: string & keyof z.output<T>,
  item: T,
  max: number,
): z.ZodArray<T> {
  const list = z
    .array(item)
    .max(max)
    .meta({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': [key],
    });
  return ruled(list, {
    message: `two entries have the same ${key}: give each its own`,
    check: (entries) => new Set(entries.map((entry) => entry[key])).size === entries.length,
  });
}

/** A list that is one value for server-side apply: order matters, or entries have no key of their own. */
export function orderedList<T extends z.ZodType>(item: T, max: number): z.ZodArray<T> {
  return z.array(item).max(max).meta({ 'x-kubernetes-list-type': 'atomic' });
}

/**
 * A map with at most `max` entries. The API server cannot check the shape of keys within its cost budget, so a
 * wrong key is found by the parser.
 */
export function mapOf<V extends z.ZodType>(
  key: z.ZodString,
  value: V,
  max: number,
): z.ZodRecord<z.ZodString, V> {
  return ruled(z.record(key, value).meta({ maxProperties: max }), {
    message: `must have at most ${max} entries`,
    check: (map: object) => Object.keys(map).length <= max,
  });
}

/** Any JSON value, as it stands in a provider's request body. */
export const anyJson = (description: string): z.ZodUnknown =>
  z.unknown().meta({ description, nullable: true, 'x-kubernetes-preserve-unknown-fields': true });
