import { MANIFEST_NAME } from '../../../core/publish/names.ts';
import { PublishError } from '../../../core/publish/publish-error.ts';
import { backoff } from '../backoff.ts';
import type { CacheFolder } from '../disk/cache-folder.ts';
import { pause } from '../pause.ts';
import { Reader, type Fetch, type Publication } from '../reader.ts';
import type { Taker } from '../taker.ts';
import type { ApiServer } from './api-server.ts';
import { fetchShard } from './fetch-shard.ts';
import { ManifestWatch, WATCH_TIMES, type WatchTimes } from './manifest-watch.ts';

/** Milliseconds that the API server has to say something before the configuration on disk is served. */
const HEAD_START = 250;
const RETRY = { first: 1_000, longest: 30_000 };

export interface Parts {
  gateway: Taker;
  api: ApiServer;
  namespace: string;
  /** Where the last good configuration is kept. */
  cache: CacheFolder;
  /** A configuration is being served from now on. */
  serving: (revision: string) => void;
  times?: WatchTimes;
}

/**
 * Serves what the operator publishes, as soon as it is whole. Whatever goes wrong, the last good configuration goes
 * on: in memory, and over a restart on disk.
 */
export class KubernetesSource {
  readonly #parts: Parts;
  readonly #fetch: Fetch;
  readonly #reader = new Reader();
  readonly #stopped = new AbortController();
  /** The API server has brought a configuration, or has shown that it will not do so at once. */
  readonly #firstOutcome = Promise.withResolvers<void>();
  #watch: ManifestWatch | undefined;
  /** The manifest that is served. */
  #served: string | undefined;
  /** The newest manifest that was not looked at yet. */
  #wanted: string | undefined;
  #newer = new AbortController();
  #following = false;
  /** Told about already: trying it again is no news. */
  #reported: string | undefined;
  /** What keeps it from following the operator, for people. */
  #trouble: string | undefined = 'waiting for the API server';
  #fromDisk = false;
  #away = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#fetch = fetchShard(parts.api, parts.namespace);
  }

  start(): void {
    const { gateway, api, namespace, times = WATCH_TIMES } = this.#parts;
    this.#describe(this.#trouble);
    const seen = (manifest: string | undefined): void => this.#seen(manifest);
    const interrupted = (error: unknown): void => this.#interrupted(error as Error);
    this.#watch = new ManifestWatch(api, namespace, { seen, interrupted }, times);
    this.#startFromDisk().catch((error: unknown) => {
      gateway.log.error({ err: error }, 'the configuration on disk cannot be used');
    });
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#newer.abort();
    this.#watch?.stop();
    await this.#parts.cache.saved();
  }

  /** Unless the API server is there at once. */
  async #startFromDisk(): Promise<void> {
    const { cache, gateway } = this.#parts;
    const publication = await cache.load(this.#reader, (file, error) => {
      gateway.refused();
      gateway.log.error({ file, reason: error.message }, 'the configuration on disk cannot be used');
    });
    if (publication === undefined) return;
    await Promise.race([this.#firstOutcome.promise, pause(HEAD_START, this.#stopped.signal)]);
    if (this.#served !== undefined || this.#stopped.signal.aborted) return;
    this.#fromDisk = true;
    await this.#serve(publication);
    gateway.log.warn({ revision: publication.config.revision, folder: cache.path }, 'serving from disk');
    this.#describe(this.#trouble);
  }

  #interrupted({ message }: Error): void {
    const { log } = this.#parts.gateway;
    const trouble = `the API server cannot be followed: ${message}`;
    if (!this.#away) log.warn({ reason: message }, 'the API server cannot be followed; trying again');
    this.#away = true;
    this.#describe(trouble);
    this.#firstOutcome.resolve();
  }

  #seen(manifest: string | undefined): void {
    const { gateway, namespace } = this.#parts;
    if (this.#away) gateway.log.info('the API server is followed again');
    this.#away = false;
    if (manifest === undefined) {
      this.#describe(`there is no Secret ${MANIFEST_NAME} in the namespace ${namespace}`);
      return this.#firstOutcome.resolve();
    }
    this.#wanted = manifest;
    this.#newer.abort();
    if (!this.#following) void this.#follow();
  }

  /** Takes over what is wanted; what cannot be taken over is tried again until something newer comes. */
  async #follow(): Promise<void> {
    this.#following = true;
    let failures = 0;
    while (this.#wanted !== undefined && !this.#stopped.signal.aborted) {
      const manifest = this.#wanted;
      this.#wanted = undefined;
      failures = (await this.#take(manifest)) ? 0 : failures + 1;
      this.#firstOutcome.resolve();
      if (failures === 0 || this.#wanted !== undefined) continue;
      this.#newer = new AbortController();
      await pause(backoff(failures, RETRY), this.#newer.signal);
      this.#wanted ??= manifest;
    }
    this.#following = false;
  }

  async #take(manifest: string): Promise<boolean> {
    try {
      if (manifest !== this.#served) await this.#takeOver(manifest);
      this.#fromDisk = false;
      this.#describe(undefined);
      return true;
    } catch (error) {
      this.#refuse(manifest, error as Error);
      return false;
    }
  }

  async #takeOver(manifest: string): Promise<void> {
    const { gateway, cache } = this.#parts;
    const publication = await this.#reader.read(manifest, this.#fetch);
    await this.#serve(publication);
    gateway.log.info({ revision: publication.config.revision }, 'configuration taken over');
    cache.save(publication).catch((error: unknown) => {
      gateway.log.warn({ err: error }, 'the configuration cannot be kept on disk');
    });
  }

  async #serve({ manifest, config }: Publication): Promise<void> {
    const { gateway, serving } = this.#parts;
    const before = this.#served;
    this.#served = manifest;
    try {
      await gateway.use(config);
    } catch (error) {
      this.#served = before;
      throw error;
    }
    serving(config.revision);
  }

  #refuse(manifest: string, error: Error): void {
    const { gateway } = this.#parts;
    this.#describe(`the published configuration cannot be used: ${error.message}`);
    if (this.#reported === manifest) return;
    this.#reported = manifest;
    // What is not understood is refused; what could not be fetched may be there the next time.
    if (error instanceof PublishError) gateway.refused();
    gateway.log.error({ err: error }, 'the published configuration cannot be used; the last one goes on');
  }

  #describe(trouble: string | undefined): void {
    this.#trouble = trouble;
    const { gateway, namespace, cache } = this.#parts;
    const following = `following the Secret ${MANIFEST_NAME} in the namespace ${namespace}`;
    const disk = this.#fromDisk ? `serving from disk, ${cache.path}: ` : '';
    gateway.describeSource(disk + (trouble ?? following));
  }
}
