import type { CallerKey } from '../resources/caller-key.ts';
import type { ModelAlias } from '../resources/model-alias.ts';
import type { ProviderCredential } from '../resources/provider-credential.ts';
import type { TargetReference } from '../resources/traffic-policy.ts';
import type { Draft } from './draft.ts';
import { idOf } from './identity.ts';
import { LabelIndex } from './label-index.ts';
import { Reach } from './reach.ts';

type Finder = (ref: TargetReference, namespace: string) => readonly string[];

/** Finds what policies point at and have a say in. */
export class PolicyTargets {
  readonly #finders: Readonly<Record<TargetReference['kind'], Finder>>;

  constructor(draft: Draft) {
    const { world } = draft;
    const reach = new Reach(draft);
    this.#finders = {
      ProviderCredential: finder(world.ProviderCredential, (object, from) => reach.credential(object, from)),
      ModelAlias: finder(world.ModelAlias, (object, from) => reach.alias(object, from)),
      CallerKey: finder(world.CallerKey, (object, from) => reach.caller(object, from)),
    };
  }

  /** Ids of what a targetRef in a policy of this namespace means. */
  find(ref: TargetReference, namespace: string): readonly string[] {
    return this.#finders[ref.kind](ref, namespace);
  }
}

function finder<T extends ProviderCredential | ModelAlias | CallerKey>(
  objects: ReadonlyMap<string, T>,
  reaches: (object: T, from: string) => boolean,
): Finder {
  const labels = new LabelIndex(objects);
  return (ref, namespace) => {
    const owner = ref.namespace ?? namespace;
    const named = objects.get(`${owner}/${ref.name}`);
    const found = ref.selector ? labels.select(owner, ref.selector) : named ? [named] : [];
    return found.filter((object) => reaches(object, namespace)).map(idOf);
  };
}
