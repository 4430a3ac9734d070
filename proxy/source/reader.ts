import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Config } from '../../core/config/config.ts';
import { joining } from '../../core/publish/assemble.ts';
import { parseManifest } from '../../core/publish/manifest.ts';
import { readShard, type Shard } from '../../core/publish/shard.ts';

/** Shards that are asked for at the same time. */
const AHEAD = 8;

/** A configuration, and what it was published as. */
export interface Publication {
  config: Config;
  /** The manifest as it was read. */
  manifest: string;
  /** All its shards: name → gzip of JSON. */
  shards: ReadonlyMap<string, Uint8Array>;
}

interface Held {
  bytes: Uint8Array;
  shard: Shard;
}

/** Where a shard comes from, by its name. */
export type Fetch = (name: string) => Promise<Uint8Array>;

/**
 * Makes configurations of what was published. What two have in common is read once. Between any two shards requests
 * get their turn: one takes about 5 ms to unpack, parse and check.
 */
export class Reader {
  /** Of the publication that was read last. */
  #held: ReadonlyMap<string, Held> = new Map();

  /**
   * @param fetch is asked for shards that are not held
   * @throws PublishError when it is not whole, or not understood; and whatever `fetch` throws
   */
  async read(manifestJson: string, fetch: Fetch): Promise<Publication> {
    const manifest = parseManifest(manifestJson);
    const held = await this.#hold(manifest.shards, fetch);
    const steps = joining(
      manifest,
      mapValues(held, ({ shard }) => shard),
    );
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) await nextTurn();
    this.#held = held;
    return { config: step.value, manifest: manifestJson, shards: mapValues(held, ({ bytes }) => bytes) };
  }

  async #hold(names: readonly string[], fetch: Fetch): Promise<ReadonlyMap<string, Held>> {
    const known = this.#held;
    const held = new Map<string, Held>();
    for (const name of names) if (known.has(name)) held.set(name, known.get(name)!);
    const missing = names.filter((name) => !known.has(name));
    for await (const [name, bytes] of fetchAhead(missing, fetch)) {
      held.set(name, { bytes, shard: readShard(name, bytes) });
      await nextTurn();
    }
    return held;
  }
}

function mapValues<T, U>(map: ReadonlyMap<string, T>, change: (value: T) => U): Map<string, U> {
  return new Map([...map].map(([name, value]) => [name, change(value)]));
}

/** In order, with some under way at a time. */
async function* fetchAhead(
  names: readonly string[],
  fetch: Fetch,
): AsyncGenerator<[name: string, bytes: Uint8Array]> {
  const underWay: Promise<Uint8Array>[] = [];
  for (const [i, name] of names.entries()) {
    for (const next of names.slice(i + underWay.length, i + AHEAD)) underWay.push(quiet(fetch(next)));
    yield [name, await underWay.shift()!];
  }
}

/** That it failed is heard by whoever awaits it, which may be nobody when one before it fails. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
