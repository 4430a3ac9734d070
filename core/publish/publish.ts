import { hash } from 'node:crypto';
import { entryText } from '../config/entry-text.ts';
import { CONFIG_VERSION, type Config } from '../config/config.ts';
import { bucketCount, bucketOf } from './bucket.ts';
import { digestOf, MANIFEST_VERSION, type Manifest } from './manifest.ts';
import { SECTIONS, SETTINGS } from './sections.ts';
import { packShard, shardName } from './shard.ts';

/** A configuration in pieces that fit into Secrets. */
export interface Published {
  manifest: Manifest;
  /** Name → gzip of JSON. */
  shards: ReadonlyMap<string, Buffer>;
}

/**
 * Cuts a configuration into shards and the manifest that names them. Equal configurations give equal bytes, and one
 * changed entry changes one shard.
 * @param known shards of an earlier publication, by name: what is among them is not packed again
 */
export function publish(config: Config, known: ReadonlyMap<string, Buffer> = new Map()): Published {
  const entries = entriesOf(config);
  const total = entries.reduce((bytes, { json }) => bytes + json.length, 0);
  const digests: string[] = [];
  const shards = new Map<string, Buffer>();
  for (const [bucket, json] of shardTexts(entries, bucketCount(total)).entries()) {
    if (json === undefined) continue;
    const digest = hash('sha256', json, 'hex');
    const name = shardName(bucket, digest);
    digests.push(digest);
    shards.set(name, known.get(name) ?? packShard(json));
  }
  const { revision } = config;
  const sha256 = digestOf(revision, digests);
  return { manifest: { version: MANIFEST_VERSION, revision, sha256, shards: [...shards.keys()] }, shards };
}

/** Something that is not cut any further. */
interface Entry {
  /** Absent for a setting. */
  section?: string;
  id: string;
  /** `"id":{…}` */
  json: string;
}

/** Sorted by section, then by id; settings come last. */
function entriesOf(config: Config): Entry[] {
  const entries = SECTIONS.flatMap((section) => {
    const records: Readonly<Record<string, unknown>> = config[section];
    return Object.keys(records)
      .toSorted()
      .map((id): Entry => ({ section, id, json: member(id, records[id]) }));
  });
  const values: Readonly<Record<string, unknown>> = config;
  const settings = SETTINGS.filter((id) => values[id] !== undefined);
  return [...entries, ...settings.map((id): Entry => ({ id, json: member(id, values[id]) }))];
}

function member(key: string, value: unknown): string {
  return `${JSON.stringify(key)}:${entryText(value)}`;
}

/** What one bucket holds, as members of JSON objects. */
interface Bucket {
  sections: Map<string, string[]>;
  settings: string[];
}

/** The JSON of every bucket; undefined for one that holds nothing. */
function shardTexts(entries: readonly Entry[], count: number): (string | undefined)[] {
  const buckets = Array.from({ length: count }, (): Bucket => ({ sections: new Map(), settings: [] }));
  for (const { section, id, json } of entries) {
    const { sections, settings } = buckets[bucketOf(id, count)]!;
    if (section === undefined) settings.push(json);
    else if (sections.has(section)) sections.get(section)!.push(json);
    else sections.set(section, [json]);
  }
  return buckets.map(shardText);
}

function shardText({ sections, settings }: Bucket): string | undefined {
  if (sections.size === 0 && settings.length === 0) return undefined;
  const texts = [...sections].map(([section, members]) => `"${section}":{${members.join(',')}}`);
  return `{${[...texts, ...settings, `"version":${CONFIG_VERSION}`].join(',')}}`;
}
