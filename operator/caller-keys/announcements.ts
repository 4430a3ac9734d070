import { randomBytes } from 'node:crypto';
import { KEY_BYTES, keyFrom } from '../../core/compile/key-form.ts';
import type { Config } from '../../core/config/config.ts';
import { sha256Of } from './key-secret.ts';

/** Milliseconds after which a key is given out all the same: a proxy that hangs must not hold up a rotation. */
const PATIENCE = 10_000;
/** Milliseconds in which the watch brings what was written. */
const SEEN_AFTER = 10_000;
/** Milliseconds until a publication is looked at that has the new key. */
const NEXT_PUBLICATION = 100;

interface Announcement {
  key: string;
  sha256: string;
  /** Milliseconds since the epoch. */
  since: number;
  /** The first publication that lets the key in. */
  publication?: number;
  writtenAt?: number;
}

/** What proxies have, as the input of a task says it. */
export interface Distribution {
  config: Config;
  publication: number;
  everywhere: number;
  now: number;
}

/**
 * Keys that were made and are in no Secret yet. Proxies are told their hashes first, so that whoever reads a new key
 * from its Secret is let in at once. If this process ends meanwhile nothing is lost: nobody has seen them.
 */
export class Announcements {
  /** By the id of the CallerKey. */
  readonly #open = new Map<string, Announcement>();

  /** Hash of the key that is about to be written. */
  hashFor(id: string): string | undefined {
    return this.#open.get(id)?.sha256;
  }

  /** The key to write now, or the instant until which it is to be waited for. */
  take(id: string, distribution: Distribution): { key: string } | { waitUntil: number } {
    const known = this.#open.get(id) ?? this.#announce(id, distribution.now);
    if (known.writtenAt !== undefined) return { waitUntil: known.writtenAt + SEEN_AFTER };
    const announced = isAnnounced(id, known, distribution);
    const { everywhere, now } = distribution;
    const everybodyKnows = announced && everywhere >= known.publication!;
    if (everybodyKnows || everywhere === Infinity || now - known.since >= PATIENCE) return { key: known.key };
    // Of proxies that have loaded it there will be news.
    return { waitUntil: announced ? known.since + PATIENCE : now + NEXT_PUBLICATION };
  }

  written(id: string, now: number): void {
    const known = this.#open.get(id);
    if (known) known.writtenAt = now;
  }

  /** The Secret holds this key now. Announcements that came to nothing end, too. */
  seen(id: string, { sha256, now }: { sha256: string | undefined; now: number }): void {
    const known = this.#open.get(id);
    if (!known) return;
    const stale = known.writtenAt !== undefined && now - known.writtenAt > SEEN_AFTER;
    if (known.sha256 === sha256 || stale) this.#open.delete(id);
  }

  /** Forgets CallerKeys that are gone. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#open.keys()) if (!ids.has(id)) this.#open.delete(id);
  }

  #announce(id: string, since: number): Announcement {
    const key = keyFrom(randomBytes(KEY_BYTES));
    const made: Announcement = { key, sha256: sha256Of(key), since };
    this.#open.set(id, made);
    return made;
  }
}

/** Whether the configuration that is published lets the key in. */
function isAnnounced(id: string, known: Announcement, { config, publication }: Distribution): boolean {
  // Another process has led in between, and counts anew.
  if ((known.publication ?? 0) > publication) delete known.publication;
  const letsIn = config.callers[id]?.keys.some(({ sha256 }) => sha256 === known.sha256) ?? false;
  if (letsIn) known.publication ??= publication;
  return known.publication !== undefined;
}
