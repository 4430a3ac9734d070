import type { Metadata } from '../resources/metadata.ts';
import type { LabelSelector } from '../resources/references.ts';
import { selects } from './labels.ts';

interface Labelled {
  metadata: Metadata;
}

/** Objects by their labels: a selector looks at those that have its first pair, not at all there are. */
export class LabelIndex<T extends Labelled> {
  readonly #objects: ReadonlyMap<string, T>;
  #byNamespace: ReadonlyMap<string, readonly T[]> | undefined;
  #byPair: ReadonlyMap<string, readonly T[]> | undefined;

  constructor(objects: ReadonlyMap<string, T>) {
    this.#objects = objects;
  }

  /** Objects of a namespace that the selector takes, in the order of the index. */
  select(namespace: string, selector: LabelSelector): readonly T[] {
    return this.#candidates(namespace, selector).filter(({ metadata }) =>
      selects(selector, metadata.labels ?? {}),
    );
  }

  #candidates(namespace: string, { matchLabels }: LabelSelector): readonly T[] {
    const [pair] = Object.entries(matchLabels);
    if (pair) return (this.#byPair ??= this.#groupByPair()).get(pairKey(namespace, pair)) ?? [];
    this.#byNamespace ??= Map.groupBy(this.#objects.values(), ({ metadata }) => metadata.namespace);
    return this.#byNamespace.get(namespace) ?? [];
  }

  #groupByPair(): Map<string, T[]> {
    const groups = new Map<string, T[]>();
    for (const object of this.#objects.values())
      for (const pair of Object.entries(object.metadata.labels ?? {})) {
        const key = pairKey(object.metadata.namespace, pair);
        const group = groups.get(key);
        if (group) group.push(object);
        else groups.set(key, [object]);
      }
    return groups;
  }
}

function pairKey(namespace: string, [key, value]: readonly [string, string]): string {
  return `${namespace}\n${key}=${value}`;
}
