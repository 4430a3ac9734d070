import type { Logger } from 'pino';
import { ApiError, hasCode } from './api-error.ts';
import type { ApiResource } from './api-resources.ts';
import { pathOf } from './api-resources.ts';
import { Backoff } from './backoff.ts';
import type { KubeClient, Query } from './client.ts';
import type { KubeObject } from './object.ts';
import { pause } from './pause.ts';
import { watchEvents } from './watch-events.ts';

/** What is reflected: objects of one kind, of all namespaces or of one. */
export interface Scope {
  resource: ApiResource;
  namespace?: string | undefined;
  /** `labelSelector`, `fieldSelector`. */
  select?: Query;
  /** Only metadata comes over the wire: the server leaves out what a Secret holds. */
  metadataOnly?: boolean;
}

/** Where the objects go. */
export interface Sink {
  /** These are all there are in the scope. */
  replace(objects: readonly KubeObject[], namespace: string | undefined): void;
  put(object: KubeObject): void;
  remove(object: KubeObject): void;
}

export interface ReflectorOptions {
  client: KubeClient;
  scope: Scope;
  sink: Sink;
  log: Logger;
  /** Told of every list and of every watch that broke. */
  count: (what: 'list' | 'watch_error') => void;
}

const PAGE = 500;
const FIRST_WAIT = 750;
/** Every reflector knocks this often at a server that is away: seldom enough for it, soon enough for us. */
const LONGEST_WAIT = 5_000;
/** After this long a watch has been in order, whatever ended it. */
const GOOD_WATCH = 10_000;
/** Gone: too old. Gateway Timeout: newer than what the server has, after a restore. Bad Request: no version of its. */
const PLACE_UNKNOWN = [410, 504, 400];
const METADATA_ITEM = 'as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const METADATA_LIST = 'as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/**
 * Keeps a sink equal to what the API server holds: lists, then watches from where the list stood, for ever. A watch
 * that ends or breaks goes on from its last event; only when the server no longer knows that place (410) the
 * objects are listed anew. Waits between attempts grow and are jittered.
 */
export class Reflector {
  readonly #options: ReflectorOptions;
  readonly #path: string;
  readonly #synced = Promise.withResolvers<void>();
  readonly #backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT);
  #resourceVersion = '';
  /** A continue token ran out: the next list comes in one piece. */
  #inOnePiece = false;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#path = pathOf(options.scope.resource, { namespace: options.scope.namespace });
  }

  /** After the first list. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** Runs until the signal ends it; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const startedAt = performance.now();
      const fault: unknown = await this.#round(signal).catch((error: unknown) => error);
      const lasted = performance.now() - startedAt > GOOD_WATCH;
      if (lasted) this.#backoff.reset();
      if (signal.aborted || (fault === undefined && lasted)) continue;
      const wait = this.#backoff.next(fault instanceof ApiError ? fault.retryAfter : 0);
      if (fault !== undefined) this.#failed(fault, wait);
      await pause(wait, signal);
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    if (this.#resourceVersion === '') await this.#list();
    await this.#watch(signal);
  }

  async #list(): Promise<void> {
    const { client, scope, sink, count } = this.#options;
    const objects: KubeObject[] = [];
    let next = '';
    do {
      const limit = this.#inOnePiece ? {} : { limit: String(PAGE) };
      const query = { ...scope.select, ...limit, ...(next !== '' && { continue: next }) };
      const page = await client.list(this.#path, query, accept(scope, METADATA_LIST));
      for (const item of page.items) objects.push(this.#named(item));
      next = page.metadata.continue ?? '';
      this.#resourceVersion = next === '' ? page.metadata.resourceVersion : '';
    } while (next !== '');
    this.#inOnePiece = false;
    count('list');
    sink.replace(objects, scope.namespace);
    this.#synced.resolve();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { client, scope } = this.#options;
    const query = {
      ...scope.select,
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#resourceVersion,
      // Not all at the same time: 5 to 10 minutes.
      timeoutSeconds: String(Math.round(300 * (1 + Math.random()))),
    };
    const options = { signal, accept: accept(scope, METADATA_ITEM) };
    const body = await client.watch(this.#path, query, options);
    for await (const { type, object } of watchEvents(body)) {
      if (type !== 'BOOKMARK') this.#take(type, this.#named(object));
      this.#resourceVersion = object.metadata.resourceVersion!;
    }
  }

  #take(type: string, object: KubeObject): void {
    const { sink } = this.#options;
    if (type === 'DELETED') sink.remove(object);
    else sink.put(object);
  }

  /** Items of lists and metadata alone do not say what they are. */
  #named(object: KubeObject): KubeObject {
    const { apiVersion, kind } = this.#options.scope.resource;
    return { ...object, apiVersion, kind };
  }

  #failed(fault: unknown, wait: number): void {
    const { log, scope, count } = this.#options;
    if (hasCode(fault, ...PLACE_UNKNOWN)) this.#startOver();
    count('watch_error');
    const { message } = fault as Error;
    const { namespace, resource } = scope;
    log.warn({ kind: resource.kind, namespace, error: message, wait: Math.round(wait) }, 'watch broke');
  }

  #startOver(): void {
    this.#inOnePiece = this.#resourceVersion === '';
    this.#resourceVersion = '';
  }
}

function accept({ metadataOnly }: Scope, form: string): string | undefined {
  return metadataOnly ? `application/json;${form}` : undefined;
}
