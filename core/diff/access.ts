import { accessTable, lookUp, matches, type AccessTable } from '../access/match.ts';
import type { Config, Grant } from '../config/config.ts';
import type { Change } from './change.ts';
import { compareEntries } from './entries.ts';
import { listed } from './names.ts';

/** What callers that stay may call more, no longer, or elsewhere. Callers with the same change are named together. */
export function accessChanges(before: Config, after: Config): Change[] {
  const { kept } = compareEntries(before.callers, after.callers);
  const groups = Map.groupBy(kept, ([, was, is]) => `${was.access}\n${is.access}`);
  return [...groups.values()].flatMap((group) => {
    const [, was, is] = group[0]!;
    const callers = group.map(([id]) => id);
    return tableChanges(rights(before, was.access), rights(after, is.access), callers);
  });
}

interface Rights {
  grants: readonly Grant[];
  table: AccessTable;
}

/** A grant of an alias that is not there is no right. */
function rights(config: Config, key: string): Rights {
  const grants = (config.access[key] ?? []).filter(({ alias }) => config.aliases[alias] !== undefined);
  return { grants, table: accessTable(grants) };
}

function tableChanges(before: Rights, after: Rights, callers: readonly string[]): Change[] {
  const lost = before.grants.filter(({ match }) => aliasOf(after, match) === undefined);
  const gained = after.grants.filter(({ match }) => aliasOf(before, match) === undefined);
  const moved = after.grants.filter(({ match, alias }) => (aliasOf(before, match) ?? alias) !== alias);
  const one = (kind: Change['kind'], grants: readonly Grant[], says: (names: string) => string): Change[] => {
    if (grants.length === 0) return [];
    const text = says(listed(grants.map(({ match }) => match)));
    return [{ kind, id: callers[0]!, text, breaking: kind === 'AccessLost', callers }];
  };
  const who = `CallerKey ${listed(callers)}`;
  const target = moved.map(({ match, alias }) => `"${match}" is ModelAlias ${alias}`);
  return [
    ...one('AccessLost', lost, (names) => `${who}: may no longer call ${names}`),
    ...one('AccessGained', gained, (names) => `${who}: may now call ${names}`),
    ...one('AccessRerouted', moved, () => `${who}: ${listed(target)} now`),
  ];
}

/** Where a name, or all that a pattern covers, leads; undefined when it leads nowhere. */
function aliasOf({ table }: Rights, match: string): string | undefined {
  if (!match.endsWith('*')) return lookUp(table, match);
  return table.wildcards.find(({ prefix }) => matches(`${prefix}*`, match.slice(0, -1)))?.alias;
}
