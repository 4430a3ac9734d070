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
const LONGEST_WAIT = 4_000;
/** Lists are dear: one that is of no use soon after is not made again and again. */
const LONGEST_LIST_WAIT = 30_000;
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
  /** Waits for the server, and waits before another list: one that answers "too old" is there. */
  readonly #server = new Backoff(FIRST_WAIT, LONGEST_WAIT);
  readonly #lists = new Backoff(FIRST_WAIT, LONGEST_LIST_WAIT);
  #resourceVersion = '';
  /** The last list, or the watch since, had objects. */
  #filled = false;
  /** An empty list was not believed once already. */
  #doubted = false;
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
      if (lasted) for (const backoff of [this.#server, this.#lists]) backoff.reset();
      if (signal.aborted || (fault === undefined && lasted)) continue;
      await pause(this.#waitAfter(fault), signal);
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
    this.#doubt(objects);
    sink.replace(objects, scope.namespace);
    this.#synced.resolve();
  }

  /** Everything gone at once is rather a fault of somebody than somebody's wish: it has to be said twice. */
  #doubt({ length }: readonly KubeObject[]): void {
    const doubtful = length === 0 && this.#filled && !this.#doubted;
    this.#doubted = doubtful;
    if (!doubtful) this.#filled = length > 0;
    if (!doubtful) return;
    this.#resourceVersion = '';
    throw new Error('the list is empty, and was not before: it is asked for once more');
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
    this.#filled = true;
    if (type === 'DELETED') sink.remove(object);
    else sink.put(object);
  }

  /** Items of lists and metadata alone do not say what they are. */
  #named(object: KubeObject): KubeObject {
    const { apiVersion, kind } = this.#options.scope.resource;
    return { ...object, apiVersion, kind };
  }

  #waitAfter(fault: unknown): number {
    if (fault === undefined) return this.#server.next();
    const placeUnknown = hasCode(fault, ...PLACE_UNKNOWN);
    if (placeUnknown) this.#startOver();
    const backoff = placeUnknown ? this.#lists : this.#server;
    const wait = backoff.next(fault instanceof ApiError ? fault.retryAfter : 0);
    this.#tell(fault as Error, wait);
    return wait;
  }

  #tell({ message }: Error, wait: number): void {
    const { log, scope, count } = this.#options;
    const { namespace, resource } = scope;
    count('watch_error');
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
