import { objectId, type KubeObject } from './object.ts';
import type { Sink } from './reflector.ts';

/** What a store keeps of an object. */
export interface Stored {
  readonly uid: string;
  readonly resourceVersion: string;
}

export interface StoreOptions<T extends Stored> {
  /** Takes from an object what is to be kept; may keep parts of what is there already. */
  read: (object: KubeObject, before: T | undefined) => T;
  /** Called after each change, with what was there before. */
  changed: (id: string, now: T | undefined, before: T | undefined) => void;
}

/** Objects of one kind by `namespace/name`, fed by reflectors. */
export class Store<T extends Stored> implements Sink {
  readonly #options: StoreOptions<T>;
  readonly #items = new Map<string, T>();

  constructor(options: StoreOptions<T>) {
    this.#options = options;
  }

  get size(): number {
    return this.#items.size;
  }

  get(id: string): T | undefined {
    return this.#items.get(id);
  }

  values(): IterableIterator<T> {
    return this.#items.values();
  }

  entries(): IterableIterator<[string, T]> {
    return this.#items.entries();
  }

  replace(objects: readonly KubeObject[], namespace: string | undefined): void {
    const listed = new Set(objects.map(({ metadata }) => objectId(metadata)));
    const inScope = (id: string): boolean => namespace === undefined || id.startsWith(`${namespace}/`);
    for (const id of this.#items.keys()) if (inScope(id) && !listed.has(id)) this.#set(id, undefined);
    for (const object of objects) this.#take(object);
  }

  put(object: KubeObject): void {
    const before = this.#items.get(objectId(object.metadata));
    const { uid, resourceVersion } = object.metadata;
    if (before?.uid === uid && isNewer(before?.resourceVersion, resourceVersion)) return;
    this.#take(object);
  }

  remove(object: KubeObject): void {
    const id = objectId(object.metadata);
    if (this.#items.has(id)) this.#set(id, undefined);
  }

  /** What a write returned, which the watch will bring later. Never brings back what was deleted meanwhile. */
  refresh(object: KubeObject): void {
    const { uid, resourceVersion } = object.metadata;
    const before = this.#items.get(objectId(object.metadata));
    if (before?.uid === uid && isNewer(resourceVersion, before?.resourceVersion)) this.#take(object);
  }

  #take(object: KubeObject): void {
    const id = objectId(object.metadata);
    const before = this.#items.get(id);
    if (before !== undefined && before.resourceVersion === object.metadata.resourceVersion) return;
    this.#set(id, this.#options.read(object, before));
  }

  #set(id: string, now: T | undefined): void {
    const before = this.#items.get(id);
    if (now === undefined) this.#items.delete(id);
    else this.#items.set(id, now);
    this.#options.changed(id, now, before);
  }
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions: decimal numbers that grow. */
function isNewer(version: string | undefined, than: string | undefined): boolean {
  if (version === undefined || than === undefined) return false;
  return version.length === than.length ? version > than : version.length > than.length;
}
