import type { ModelAlias } from '../resources/model-alias.ts';
import type { Input } from './draft.ts';
import { permits } from './grants.ts';
import { aliasNameOf, idOf } from './identity.ts';
import { NameIndex } from './name-index.ts';

/**
 * Which alias each name means in a namespace: its own alias of that name, else the oldest that is granted to it.
 * An alias that cannot serve at present keeps its name all the same, so that no request strays to somebody else's.
 */
export class Visibility {
  readonly #known: Input['namespaces'];
  readonly #own: ReadonlyMap<string, readonly ModelAlias[]>;
  readonly #offered: readonly ModelAlias[];
  readonly #open: readonly ModelAlias[];
  #shared: NameIndex | undefined;

  /** @param aliases oldest first */
  constructor(aliases: readonly ModelAlias[], known: Input['namespaces']) {
    this.#known = known;
    this.#own = Map.groupBy(aliases, (alias) => alias.metadata.namespace);
    this.#offered = aliases.filter(({ spec }) => (spec.allowedNamespaces?.from ?? 'Same') !== 'Same');
    this.#open = aliases.filter(({ spec }) => spec.allowedNamespaces?.from === 'All');
  }

  /** Namespaces that see nothing but what is open to all share one index. */
  names(namespace: string): NameIndex {
    const own = this.#own.get(namespace) ?? [];
    const granted = this.#offered.filter((alias) => permits(alias, namespace, this.#known));
    if (own.length > 0 || granted.length > this.#open.length) return indexOf([...own, ...granted]);
    this.#shared ??= indexOf(this.#open);
    return this.#shared;
  }
}

function indexOf(aliases: readonly ModelAlias[]): NameIndex {
  const ids = new Map<string, string>();
  for (const alias of aliases) if (!ids.has(aliasNameOf(alias))) ids.set(aliasNameOf(alias), idOf(alias));
  return new NameIndex(ids);
}
