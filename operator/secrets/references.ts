import { generatedKeys, secretRefs } from '../../core/compile/secret-refs.ts';

/** Which Secrets resources refer to. Each document is looked through once. */
export class SecretReferences {
  readonly #known = new WeakMap<object, readonly string[]>();

  /** `namespace/name` of each. */
  of(documents: Iterable<object>): Set<string> {
    const ids = new Set<string>();
    for (const document of documents) for (const id of this.#refs(document)) ids.add(id);
    return ids;
  }

  #refs(document: object): readonly string[] {
    const known = this.#known.get(document);
    if (known !== undefined) return known;
    const found = [...secretRefs(document), ...generatedKeys([document])].map(({ secret }) => secret);
    this.#known.set(document, found);
    return found;
  }
}
