import type { CallerKey } from '../resources/caller-key.ts';
import type { ModelAlias } from '../resources/model-alias.ts';
import type { ProviderCredential } from '../resources/provider-credential.ts';
import type { Draft } from './draft.ts';
import { permits } from './grants.ts';
import { idOf } from './identity.ts';

/**
 * What a namespace's policies can have a say in, beyond its own objects. A policy governs requests to its
 * namespace's aliases or by its namespace's keys; what takes part in no such request is as good as not there, and
 * looks so in the status: nobody learns the names of another namespace by pointing policies at it.
 */
export class Reach {
  readonly #draft: Draft;
  readonly #aliasOwners = new Map<string, ReadonlySet<string>>();
  readonly #credentials = new Map<string, ReadonlySet<string>>();

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  /** A credential that the namespace may refer to, or that an alias its callers see is served by. */
  credential(credential: ProviderCredential, namespace: string): boolean {
    if (permits(credential, namespace, this.#draft.input.namespaces)) return true;
    let seen = this.#credentials.get(namespace);
    if (!seen) this.#credentials.set(namespace, (seen = this.#credentialsSeen(namespace)));
    return seen.has(idOf(credential));
  }

  alias(alias: ModelAlias, namespace: string): boolean {
    return permits(alias, namespace, this.#draft.input.namespaces);
  }

  /** A caller that may call an alias of the namespace. */
  caller(caller: CallerKey, namespace: string): boolean {
    if (caller.metadata.namespace === namespace) return true;
    const table = this.#draft.callers[idOf(caller)]?.access;
    if (table === undefined) return false;
    let owners = this.#aliasOwners.get(table);
    if (!owners) this.#aliasOwners.set(table, (owners = this.#ownersIn(table)));
    return owners.has(namespace);
  }

  #credentialsSeen(namespace: string): Set<string> {
    const { aliases, access, namespaces } = this.#draft;
    const grants = access.tables[namespaces[namespace]?.visible ?? ''] ?? [];
    return new Set(grants.flatMap(({ alias }) => aliases[alias]!.targets.map((target) => target.credential)));
  }

  #ownersIn(table: string): Set<string> {
    const grants = this.#draft.access.tables[table]!;
    return new Set(grants.map(({ alias }) => this.#draft.aliases[alias]!.namespace));
  }
}
