import * as z from 'zod';
import { MANIFEST_KEY, MANIFEST_NAME } from '../../../core/publish/names.ts';
import { backoff } from '../backoff.ts';
import { pause } from '../pause.ts';
import { ApiError } from './api-error.ts';
import type { ApiServer } from './api-server.ts';
import { jsonLines } from './json-lines.ts';

/** What the watch has to tell. */
export interface ManifestListener {
  /** After every look at the manifest, with its JSON; undefined while there is none. */
  seen(manifest: string | undefined): void;
  /** It begins anew by itself. */
  interrupted(error: unknown): void;
}

/** All in milliseconds. */
export interface WatchTimes {
  /** A quiet watch gets a bookmark every minute or so; one that is silent for longer is looked at anew. */
  silentFor: number;
  retry: { first: number; longest: number };
  /** A watch that held for so long was a good one. */
  steadyAfter: number;
}

export const WATCH_TIMES: WatchTimes = {
  silentFor: 90_000,
  retry: { first: 500, longest: 5_000 },
  steadyAfter: 10_000,
};

/** Seconds after which the server ends a watch, spread so that not all proxies come back at once. */
const watchFor = (): number => 240 + Math.floor(Math.random() * 120);

const Secret = z.object({
  metadata: z.object({ name: z.string(), resourceVersion: z.string() }),
  data: z.record(z.string(), z.string()).optional(),
});
const SecretList = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  items: z.array(Secret),
});
/** https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
const Event = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: Secret }),
  z.object({
    type: z.literal('BOOKMARK'),
    object: z.object({ metadata: z.object({ resourceVersion: z.string() }) }),
  }),
  z.object({ type: z.literal('ERROR'), object: z.looseObject({ code: z.number() }) }),
]);

/**
 * Follows the one Secret that names the shards: by list and watch, for as long as it takes. A watch that ends as
 * watches do goes on where it was; after anything else the Secret is looked at anew, so that nothing can be missed.
 */
export class ManifestWatch {
  readonly #api: ApiServer;
  readonly #path: string;
  readonly #listener: ManifestListener;
  readonly #times: WatchTimes;
  readonly #stopped = new AbortController();

  constructor(api: ApiServer, namespace: string, listener: ManifestListener, times = WATCH_TIMES) {
    this.#api = api;
    this.#path = `/api/v1/namespaces/${namespace}/secrets?fieldSelector=metadata.name%3D${MANIFEST_NAME}`;
    this.#listener = listener;
    this.#times = times;
    void this.#run();
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    let failures = 0;
    let version: string | undefined;
    while (!signal.aborted) {
      const began = performance.now();
      try {
        version = await this.#watch(version ?? (await this.#list()));
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        version = undefined;
        failures = performance.now() - began > this.#times.steadyAfter ? 1 : failures + 1;
        this.#listener.interrupted(error);
      }
      const endedAtOnce = performance.now() - began < this.#times.retry.first;
      if (failures > 0 || endedAtOnce) await pause(backoff(failures || 1, this.#times.retry), signal);
    }
  }

  /** @returns the version that the watch begins from */
  async #list(): Promise<string> {
    const { metadata, items } = SecretList.parse(await this.#api.json(this.#path));
    this.#see(items[0]);
    return metadata.resourceVersion;
  }

  /** @returns the version that the next watch goes on from */
  async #watch(from: string): Promise<string> {
    const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=${watchFor()}&resourceVersion=${from}`;
    const body = await this.#api.stream(`${this.#path}&${query}`, this.#times.silentFor);
    const { signal } = this.#stopped;
    const stop = (): void => void body.destroy();
    signal.addEventListener('abort', stop);
    let version = from;
    try {
      for await (const value of jsonLines(body)) version = this.#take(value);
    } finally {
      signal.removeEventListener('abort', stop);
    }
    return version;
  }

  #take(value: unknown): string {
    const { type, object } = Event.parse(value);
    // 410 among others: what was asked for is forgotten.
    if (type === 'ERROR') throw new ApiError(object.code, JSON.stringify(object));
    if (type !== 'BOOKMARK') this.#see(type === 'DELETED' ? undefined : object);
    return object.metadata.resourceVersion;
  }

  #see(secret: z.infer<typeof Secret> | undefined): void {
    const manifest = secret?.data?.[MANIFEST_KEY];
    this.#listener.seen(manifest === undefined ? undefined : Buffer.from(manifest, 'base64').toString());
  }
}
