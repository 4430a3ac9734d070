import type { Logger } from 'pino';
import type { Secrets } from '../../core/compile/index.ts';
import { hasCode } from '../kube/api-error.ts';
import { SECRETS } from '../kube/api-resources.ts';
import type { KubeClient } from '../kube/client.ts';
import { eachLimited } from '../kube/each-limited.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Store } from '../kube/store.ts';
import type { SecretValue } from '../task.ts';
import type { MetadataEntry } from '../watch/metadata-entry.ts';

const AT_ONCE = 16;

/**
 * Values of the Secrets that resources refer to, and of no others. Each is fetched when it is first referred to and
 * when its metadata, which are watched, say that it has changed; it is forgotten with the last reference.
 */
export class SecretValues {
  readonly #client: KubeClient;
  readonly #metadata: Store<MetadataEntry>;
  readonly #log: Logger;
  readonly #values = new Map<string, SecretValue>();
  #wanted: ReadonlySet<string> = new Set();

  constructor(client: KubeClient, metadata: Store<MetadataEntry>, log: Logger) {
    this.#client = client;
    this.#metadata = metadata;
    this.#log = log;
  }

  /** Whether some resource refers to it. */
  isWanted(id: string): boolean {
    return this.#wanted.has(id);
  }

  get(id: string): SecretValue | undefined {
    return this.#values.get(id);
  }

  /** What compile reads. */
  all(): Secrets {
    return Object.fromEntries(Array.from(this.#values, ([id, { data }]) => [id, data]));
  }

  /**
   * Makes the values those of these Secrets as they are now. While the API server cannot be asked, a value that was
   * known stays. @returns whether all could be asked for
   */
  async refresh(ids: ReadonlySet<string>): Promise<boolean> {
    this.#wanted = ids;
    for (const id of this.#values.keys()) if (!this.#exists(id)) this.#values.delete(id);
    const outdated = [...ids].filter((id) => this.#exists(id) && !this.#isCurrent(id));
    let complete = true;
    await eachLimited(outdated, AT_ONCE, async (id) => {
      complete = (await this.#fetch(id)) && complete;
    });
    return complete;
  }

  #exists(id: string): boolean {
    return this.#wanted.has(id) && this.#metadata.get(id) !== undefined;
  }

  #isCurrent(id: string): boolean {
    return this.#values.get(id)?.metadata.resourceVersion === this.#metadata.get(id)?.resourceVersion;
  }

  async #fetch(id: string): Promise<boolean> {
    const [namespace, name] = id.split('/') as [string, string];
    try {
      const secret = await this.#client.get(SECRETS, { namespace, name });
      this.#values.set(id, { metadata: secret.metadata, data: decoded(secret) });
      return true;
    } catch (error) {
      if (hasCode(error, 404)) return this.#values.delete(id);
      this.#log.warn({ secret: id, error: (error as Error).message }, 'a Secret cannot be read');
      return false;
    }
  }
}

function decoded({ data }: KubeObject): Record<string, string> {
  const entries = Object.entries((data ?? {}) as Record<string, string>);
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}
