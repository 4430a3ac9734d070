import type { Readable } from 'node:stream';
import { Pool, type Dispatcher } from 'undici';
import type { ClusterAccess } from './access.ts';
import { ApiError, type StatusBody } from './api-error.ts';
import { pathOf, type ApiResource } from './api-resources.ts';
import type { KubeObject } from './object.ts';

/**
 * More than all parts of the operator use at the same time: a write that waits for a connection would be sent later
 * than it was decided to be allowed.
 */
export const CONNECTIONS = 64;
/** A write is over, one way or the other, before a lease that was held when it began can move. */
const REQUEST_TIMEOUT = 4_000;
/** Large lists take their time. */
const LIST_TIMEOUT = 60_000;
/** Bookmarks come every minute: a watch that is silent for longer than this is dead. */
const WATCH_SILENCE = 150_000;
/** Finds out that the network swallows everything, in about 20 s. */
const KEEP_ALIVE_PROBES_AFTER = 10_000;

export type Query = Readonly<Record<string, string>>;

/** An object, or where it is. */
export interface Place {
  namespace?: string | undefined;
  name: string;
}

/** Changes to the cluster. All of them throw ApiError, or the error of the connection. */
export interface KubeWriter {
  get(resource: ApiResource, place: Place): Promise<KubeObject>;
  /** 409 AlreadyExists when there is one of that name. */
  create(resource: ApiResource, object: KubeObject): Promise<KubeObject>;
  /** Replaces; 409 Conflict unless `metadata.resourceVersion`, if given, is still the current one. */
  update(resource: ApiResource, object: KubeObject): Promise<KubeObject>;
  /** Server-side apply, forced: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
  apply(resource: ApiResource, object: KubeObject, options: ApplyOptions): Promise<KubeObject>;
  /** JSON merge patch (RFC 7386). */
  patch(resource: ApiResource, place: Place, patch: object): Promise<KubeObject>;
  remove(resource: ApiResource, place: Place): Promise<void>;
}

/** What is no object: documents at other paths of the API server. */
export interface KubeReader {
  /** JSON at a path. @throws ApiError, or the error of the connection */
  read(path: string): Promise<unknown>;
}

export interface ApplyOptions {
  fieldManager: string;
  subresource?: 'status';
}

interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Query;
  body?: object;
  contentType?: string;
  accept?: string;
  timeout?: number;
}

export interface KubeClientOptions {
  /** By which an audit log tells processes apart. */
  userAgent: string;
  /** Throws when nothing may be sent any more; called right before each request. */
  beforeSend?: () => void;
}

/** Speaks to one API server. Watches have connections of their own, so that writes never wait for one. */
export class KubeClient implements KubeWriter, KubeReader {
  readonly #access: ClusterAccess;
  readonly #prefix: string;
  readonly #requests: Pool;
  readonly #watches: Pool;
  readonly #userAgent: string;
  readonly #beforeSend: () => void;

  constructor(access: ClusterAccess, { userAgent, beforeSend = () => {} }: KubeClientOptions) {
    this.#access = access;
    this.#userAgent = userAgent;
    this.#beforeSend = beforeSend;
    this.#prefix = access.url.pathname.replace(/\/$/, '');
    const shared: Pool.Options = {
      allowH2: false,
      connect: {
        ...access.tls,
        timeout: 5_000,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_PROBES_AFTER,
      },
    };
    this.#requests = new Pool(access.url.origin, { ...shared, connections: CONNECTIONS });
    this.#watches = new Pool(access.url.origin, { ...shared, bodyTimeout: WATCH_SILENCE });
  }

  get(resource: ApiResource, place: Place): Promise<KubeObject> {
    return this.#object({ method: 'GET', path: pathOf(resource, place) });
  }

  create(resource: ApiResource, object: KubeObject): Promise<KubeObject> {
    const { namespace } = object.metadata;
    return this.#object({ method: 'POST', path: pathOf(resource, { namespace }), body: object });
  }

  update(resource: ApiResource, object: KubeObject): Promise<KubeObject> {
    return this.#object({ method: 'PUT', path: pathOf(resource, object.metadata), body: object });
  }

  apply(
    resource: ApiResource,
    object: KubeObject,
    { fieldManager, subresource }: ApplyOptions,
  ): Promise<KubeObject> {
    const { namespace, name } = object.metadata;
    return this.#object({
      method: 'PATCH',
      path: pathOf(resource, { namespace, name, ...(subresource && { subresource }) }),
      query: { fieldManager, force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body: object,
    });
  }

  patch(resource: ApiResource, place: Place, patch: object): Promise<KubeObject> {
    const contentType = 'application/merge-patch+json';
    return this.#object({ method: 'PATCH', path: pathOf(resource, place), contentType, body: patch });
  }

  async remove(resource: ApiResource, place: Place): Promise<void> {
    await this.#json({ method: 'DELETE', path: pathOf(resource, place) });
  }

  read(path: string): Promise<unknown> {
    return this.#json({ method: 'GET', path, accept: '*/*' });
  }

  /** One page of a list. */
  async list(path: string, query: Query, accept?: string): Promise<KubeList> {
    const call: Call = { method: 'GET', path, query, timeout: LIST_TIMEOUT, ...(accept && { accept }) };
    const { metadata, items } = (await this.#json(call)) as KubeList;
    // An empty list of metadata has null here.
    return { metadata, items: items ?? [] };
  }

  /** The lines of a watch, as bytes; ends when the server or the signal ends it. */
  async watch(path: string, query: Query, { accept, signal }: WatchOptions): Promise<Readable> {
    const call: Call = { method: 'GET', path, query, ...(accept && { accept }) };
    const { statusCode, body } = await this.#send(this.#watches, call, signal);
    if (statusCode !== 200) throw new ApiError(`GET ${path}`, statusCode, await statusBody(body));
    return body;
  }

  /** Ends all connections at once. */
  async close(): Promise<void> {
    await Promise.all([this.#requests.destroy(), this.#watches.destroy()]);
  }

  #object(call: Call): Promise<KubeObject> {
    return this.#json(call) as Promise<KubeObject>;
  }

  async #json(call: Call): Promise<unknown> {
    const signal = AbortSignal.timeout(call.timeout ?? REQUEST_TIMEOUT);
    const { statusCode, body } = await this.#send(this.#requests, call, signal);
    if (statusCode >= 200 && statusCode < 300) return body.json();
    throw new ApiError(`${call.method} ${call.path}`, statusCode, await statusBody(body));
  }

  async #send(pool: Pool, call: Call, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { method, path, query = {}, body, contentType = 'application/json', accept } = call;
    const authorization = await this.#access.authorization();
    this.#beforeSend();
    return pool.request({
      method,
      path: `${this.#prefix}${path}?${new URLSearchParams(query).toString()}`,
      headers: {
        accept: accept ?? 'application/json',
        'user-agent': this.#userAgent,
        ...(authorization !== undefined && { authorization }),
        ...(body && { 'content-type': contentType }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal,
    });
  }
}

export interface WatchOptions {
  accept: string | undefined;
  signal: AbortSignal;
}

export interface KubeList {
  metadata: { resourceVersion: string; continue?: string };
  items: KubeObject[];
}

async function statusBody(body: Dispatcher.ResponseData['body']): Promise<StatusBody> {
  const text = await body.text();
  try {
    return JSON.parse(text) as StatusBody;
  } catch {
    return { message: text.slice(0, 200) };
  }
}
