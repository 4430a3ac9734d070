import type { Logger } from 'pino';
import type { Config } from '../../core/config/config.ts';
import { parseManifest, type Manifest } from '../../core/publish/manifest.ts';
import {
  CONFIG_LABEL,
  CONFIG_SECRET_TYPE,
  MANIFEST_KEY,
  MANIFEST_NAME,
  SHARD_KEY,
} from '../../core/publish/names.ts';
import { PublishError } from '../../core/publish/publish-error.ts';
import { publish } from '../../core/publish/publish.ts';
import { hasCode } from '../kube/api-error.ts';
import { pathOf, SECRETS } from '../kube/api-resources.ts';
import type { KubeClient } from '../kube/client.ts';
import { eachLimited } from '../kube/each-limited.ts';
import type { KubeObject } from '../kube/object.ts';

const AT_ONCE = 8;
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** What this process knows to be in the cluster. */
interface State {
  /** For an update that no other process came before. */
  manifest: KubeObject | undefined;
  current: Manifest | undefined;
  previous: Manifest | undefined;
  shards: Set<string>;
}

/**
 * Writes configurations where proxies watch them: first the shards that are not there, then the manifest, which is
 * the switch; last it removes shards that neither this manifest nor the one before names, because a proxy may
 * still be reading those.
 */
export class Publisher {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #log: Logger;
  #state: State | undefined;
  #packed: ReadonlyMap<string, Buffer> = new Map();

  /** @param client sends nothing while another process leads */
  constructor(client: KubeClient, namespace: string, log: Logger) {
    this.#client = client;
    this.#namespace = namespace;
    this.#log = log;
  }

  /** Others may have written: look again before the next time. */
  forget(): void {
    this.#state = undefined;
  }

  /** Reads what the process that led before has published. @returns its revision */
  async resume(): Promise<string | undefined> {
    this.#state ??= await this.#read();
    return this.#state.current?.revision;
  }

  /** What is published, as far as this process knows. */
  get revision(): string | undefined {
    return this.#state?.current?.revision;
  }

  /** @returns whether anything was written */
  async publish(config: Config): Promise<boolean> {
    const state = (this.#state ??= await this.#read());
    if (state.current?.revision === config.revision) return false;
    const { manifest, shards } = publish(config, this.#packed);
    const missing = [...shards].filter(([name]) => !state.shards.has(name));
    try {
      await eachLimited(missing, AT_ONCE, ([name, bytes]) => this.#createShard(state, name, bytes));
      state.manifest = await this.#switch(state, manifest);
    } catch (error) {
      this.#state = undefined;
      throw error;
    }
    this.#packed = shards;
    state.previous = state.current;
    state.current = manifest;
    await this.#sweep(state).catch((error: unknown) => {
      this.#log.warn({ error: (error as Error).message }, 'old shards are removed with the next publication');
    });
    return true;
  }

  async #read(): Promise<State> {
    const [manifest, shards] = await Promise.all([this.#readManifest(), this.#shardNames()]);
    return { manifest, current: manifest && manifestIn(manifest), previous: undefined, shards };
  }

  async #readManifest(): Promise<KubeObject | undefined> {
    try {
      return await this.#client.get(SECRETS, { namespace: this.#namespace, name: MANIFEST_NAME });
    } catch (error) {
      if (hasCode(error, 404)) return undefined;
      throw error;
    }
  }

  async #shardNames(): Promise<Set<string>> {
    const path = pathOf(SECRETS, { namespace: this.#namespace });
    const query = { labelSelector: `${CONFIG_LABEL}=shard` };
    const { items } = await this.#client.list(path, query, METADATA_LIST);
    return new Set(items.map(({ metadata }) => metadata.name));
  }

  async #createShard({ shards }: State, name: string, bytes: Buffer): Promise<void> {
    const data = { [SHARD_KEY]: bytes.toString('base64') };
    const secret = { ...this.#secret(name, 'shard', data), immutable: true };
    try {
      await this.#client.create(SECRETS, secret);
    } catch (error) {
      // The name is made of the content, so that the one that is there is the same.
      if (!hasCode(error, 409)) throw error;
    }
    shards.add(name);
  }

  async #switch({ manifest: before }: State, manifest: Manifest): Promise<KubeObject> {
    const data = { [MANIFEST_KEY]: Buffer.from(JSON.stringify(manifest)).toString('base64') };
    const secret = this.#secret(MANIFEST_NAME, 'manifest', data);
    if (before === undefined) return this.#client.create(SECRETS, secret);
    const { resourceVersion } = before.metadata;
    return this.#client.update(SECRETS, {
      ...secret,
      metadata: { ...secret.metadata, ...(resourceVersion && { resourceVersion }) },
    });
  }

  async #sweep({ shards, current, previous }: State): Promise<void> {
    const kept = new Set([...(current?.shards ?? []), ...(previous?.shards ?? [])]);
    const old = [...shards].filter((name) => !kept.has(name));
    await eachLimited(old, AT_ONCE, async (name) => {
      await this.#client.remove(SECRETS, { namespace: this.#namespace, name }).catch((error: unknown) => {
        if (!hasCode(error, 404)) throw error;
      });
      shards.delete(name);
    });
  }

  #secret(name: string, part: 'manifest' | 'shard', data: Record<string, string>): KubeObject {
    const labels = {
      'app.kubernetes.io/name': 'modelgate',
      'app.kubernetes.io/component': 'operator',
      [CONFIG_LABEL]: part,
    };
    const { apiVersion, kind } = SECRETS;
    return {
      apiVersion,
      kind,
      type: CONFIG_SECRET_TYPE,
      metadata: { name, namespace: this.#namespace, labels },
      data,
    };
  }
}

/** A manifest that cannot be read is replaced. */
function manifestIn({ data }: KubeObject): Manifest | undefined {
  const text = (data as Record<string, string> | undefined)?.[MANIFEST_KEY] ?? '';
  try {
    return parseManifest(Buffer.from(text, 'base64').toString());
  } catch (error) {
    if (error instanceof PublishError) return undefined;
    throw error;
  }
}
