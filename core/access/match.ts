import type { Grant } from '../config/config.ts';

/** Whether `pattern` (a name, or a prefix followed by one trailing *) covers `name`. */
export function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/**
 * What two patterns have in common, itself a pattern; undefined when nothing.
 * @example intersect('team/*', 'team/a*') // 'team/a*'
 */
export function intersect(a: string, b: string): string | undefined {
  if (!a.endsWith('*')) return matches(b, a) ? a : undefined;
  if (!b.endsWith('*')) return matches(a, b) ? b : undefined;
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  return matches(short, long.slice(0, -1)) ? long : undefined;
}

/** An access table made ready for look-ups. */
export interface AccessTable {
  exact: ReadonlyMap<string, string>;
  /** Longest prefix first. */
  wildcards: readonly { prefix: string; alias: string }[];
}

export function accessTable(grants: readonly Grant[]): AccessTable {
  const exact = new Map<string, string>();
  const wildcards: { prefix: string; alias: string }[] = [];
  for (const { match, alias } of grants) {
    if (match.endsWith('*')) wildcards.push({ prefix: match.slice(0, -1), alias });
    else exact.set(match, alias);
  }
  wildcards.sort((a, b) => b.prefix.length - a.prefix.length);
  return { exact, wildcards };
}

/** The id of the alias that a model name leads to: an exact name first, then the longest wildcard. */
export function lookUp(table: AccessTable, model: string): string | undefined {
  return table.exact.get(model) ?? table.wildcards.find(({ prefix }) => model.startsWith(prefix))?.alias;
}

/** What the * of a wildcard alias stands for in this model name; empty for an alias without one. */
export function wildcardPart(aliasName: string, model: string): string {
  return aliasName.endsWith('*') ? model.slice(aliasName.length - 1) : '';
}
