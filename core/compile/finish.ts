import { CONFIG_VERSION, type Config } from '../config/config.ts';
import { withRevision } from '../config/revision.ts';
import type { Draft } from './draft.ts';

/** What the steps have made, in order and with its revision. */
export function finish(draft: Draft): Config {
  const { before } = draft.input;
  return withRevision({
    version: CONFIG_VERSION,
    credentials: section(draft.credentials, before?.credentials),
    aliases: section(draft.aliases, before?.aliases),
    access: section(draft.access.tables, before?.access),
    namespaces: section(draft.namespaces, before?.namespaces),
    callers: section(draft.callers, before?.callers),
    policies: section(draft.policies, before?.policies),
    ...(Object.keys(draft.issuers).length > 0 && { issuers: section(draft.issuers, before?.issuers) }),
  });
}

type Section<T> = Readonly<Record<string, T>>;

/** Sorted; an entry that is equal to the one before is that one, of which the text is known already. */
function section<T>(made: Section<T>, before: Section<T> | undefined): Record<string, T> {
  const known: Section<T> = before ?? {};
  const ids = Object.keys(made).toSorted();
  return Object.fromEntries(
    ids.map((id) => [id, isEqual(known[id], made[id]) ? known[id]! : made[id]!] as const),
  );
}

/** Of JSON values. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => isEqual(a[name], b[name]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
