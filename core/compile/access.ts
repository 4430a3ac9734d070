import { hash } from 'node:crypto';
import { canonicalJson } from '../config/canonical.ts';
import type { Grant } from '../config/config.ts';
import type { NameIndex } from './name-index.ts';

/** What one caller asks to call. */
export interface Wanted {
  /** Alias names, or prefixes with a trailing *. */
  patterns: readonly string[];
  /** Aliases that the caller names as objects: alias name → id. They win over whatever else has that name. */
  pinned: ReadonlyMap<string, string>;
}

/**
 * Turns wishes into grants: each name or pattern is cut down to the aliases that the caller's namespace may use.
 * A look-up in the result finds the same alias as a look-up among all visible names would. What covers nothing
 * leaves no grant.
 */
export function resolveAccess({ patterns, pinned }: Wanted, names: NameIndex): Grant[] {
  const grants = new Map(pinned);
  const has = (name: string): boolean => pinned.has(name) || names.has(name);
  const grant = (match: string, name: string): void => {
    grants.set(match, pinned.get(name) ?? names.get(name)!);
  };
  for (const pattern of patterns) {
    if (pattern.endsWith('*')) {
      const prefix = pattern.slice(0, -1);
      for (const name of names.startingWith(prefix)) grant(name, name);
      const wider = coveringWildcard(prefix, has);
      if (wider !== undefined) grant(pattern, wider);
    } else {
      const name = has(pattern) ? pattern : coveringWildcard(pattern, has);
      if (name !== undefined) grant(pattern, name);
    }
  }
  return sorted(grants);
}

/** Every visible name, granted as it is. */
export function everything(names: NameIndex): readonly Grant[] {
  return resolveAccess({ patterns: ['*'], pinned: new Map() }, names);
}

/** The longest wildcard name whose prefix `text` begins with. */
function coveringWildcard(text: string, has: (name: string) => boolean): string | undefined {
  for (let length = text.length; length >= 0; length--) {
    const name = `${text.slice(0, length)}*`;
    if (has(name)) return name;
  }
  return undefined;
}

function sorted(grants: ReadonlyMap<string, string>): Grant[] {
  return [...grants]
    .map(([match, alias]) => ({ match, alias }))
    .toSorted((a, b) => (a.match < b.match ? -1 : 1));
}

/** Access tables by the hash of their content, so that callers with equal rights share one. */
export class AccessTables {
  readonly tables: Record<string, readonly Grant[]> = {};

  /** Keeps a table and returns its key. */
  add(grants: readonly Grant[]): string {
    const key = hash('sha256', canonicalJson(grants), 'hex').slice(0, 16);
    this.tables[key] ??= grants;
    return key;
  }
}
