import type { Grant } from '../config/config.ts';
import type { CallerKey } from '../resources/caller-key.ts';
import { resolveAccess } from './access.ts';
import { canServe, resolveAlias } from './alias-refs.ts';
import type { Draft } from './draft.ts';
import type { Problem } from './statuses.ts';

/** The rights of a caller: the key of its access table, and which of its wishes lead nowhere. */
export interface Rights {
  table: string;
  problems: readonly Problem[];
}

/** Works out each distinct pair of a namespace and a list of wishes once, however many callers have it. */
export class CallerAccess {
  readonly #draft: Draft;
  readonly #known = new Map<string, Rights>();

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  rights({ metadata, spec }: CallerKey): Rights {
    const key = JSON.stringify([metadata.namespace, spec.aliases, spec.aliasRefs]);
    let rights = this.#known.get(key);
    if (rights === undefined) this.#known.set(key, (rights = this.#resolve(metadata.namespace, spec)));
    return rights;
  }

  #resolve(namespace: string, { aliases = [], aliasRefs = [] }: CallerKey['spec']): Rights {
    const pinned = new Map<string, string>();
    const problems: Problem[] = [];
    aliasRefs.forEach((ref, i) => {
      const { grant, problem } = resolveAlias(this.#draft, { ref, namespace, field: `spec.aliasRefs[${i}]` });
      if (grant && !pinned.has(grant.match)) pinned.set(grant.match, grant.alias);
      if (problem) problems.push(problem);
    });
    const grants = resolveAccess({ patterns: aliases, pinned }, this.#draft.names.get(namespace)!);
    const faults = this.#nameFaults(aliases, grants, namespace);
    return { table: this.#draft.access.add(grants), problems: [...faults, ...problems] };
  }

  /** Plain names that lead to nothing, or to an alias that cannot serve. A pattern may cover nothing. */
  #nameFaults(names: readonly string[], grants: readonly Grant[], namespace: string): Problem[] {
    const leadsTo = new Map(grants.map(({ match, alias }) => [match, alias]));
    return names.flatMap((name, i): Problem[] => {
      const field = `spec.aliases[${i}]`;
      const alias = leadsTo.get(name);
      if (name.endsWith('*') || (alias !== undefined && canServe(this.#draft, alias))) return [];
      return alias === undefined
        ? [{ reason: 'AliasNotFound', message: `${field}: ${nowhere(name, namespace)}` }]
        : [{ reason: 'AliasNotReady', message: `${field}: ${notReady(name, alias)}` }];
    });
  }
}

function nowhere(name: string, namespace: string): string {
  return `no alias that namespace "${namespace}" may use is called "${name}": create a ModelAlias, have an existing one let this namespace in, or correct the name`;
}

function notReady(name: string, alias: string): string {
  return `"${name}" is ModelAlias "${alias}", which cannot be used: see its status`;
}
