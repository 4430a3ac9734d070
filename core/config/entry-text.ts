import { canonicalJson } from './canonical.ts';

const texts = new WeakMap<object, string>();

/**
 * Canonical JSON of one entry of a configuration, remembered as long as the entry lives: the revision and the shards
 * are made of the same texts, and of both there are megabytes. An entry is not changed once it is in a
 * configuration.
 */
export function entryText(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return canonicalJson(entry);
  let text = texts.get(entry);
  if (text === undefined) {
    text = canonicalJson(entry);
    texts.set(entry, text);
  }
  return text;
}
