import * as z from 'zod';
import { Config, CONFIG_VERSION } from '../config/config.ts';
import { digestOf, type Manifest } from './manifest.ts';
import { PublishError } from './publish-error.ts';
import { SECTIONS, SETTINGS } from './sections.ts';
import { readShard, type Shard } from './shard.ts';

/**
 * The configuration that was published.
 * @param shards name → gzip of JSON; may hold more than the manifest names
 * @throws PublishError when a shard is missing or is not what was published
 */
export function assemble(manifest: Manifest, shards: ReadonlyMap<string, Uint8Array>): Config {
  const read = new Map<string, Shard>();
  for (const name of manifest.shards) {
    const bytes = shards.get(name);
    if (bytes) read.set(name, readShard(name, bytes));
  }
  const steps = joining(manifest, read);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/**
 * Joins shards that were read, one a step, so that whoever serves requests meanwhile can go back to them in between.
 * @param shards by name; may hold more than the manifest names
 * @throws PublishError when a shard is missing, or together they are not what was published
 */
export function* joining(
  manifest: Manifest,
  shards: ReadonlyMap<string, Shard>,
): Generator<undefined, Config, undefined> {
  const chosen = manifest.shards.map((name) => {
    const shard = shards.get(name);
    if (!shard) throw new PublishError(`${name} is missing`);
    return shard;
  });
  const digests = chosen.map(({ digest }) => digest);
  if (digestOf(manifest.revision, digests) !== manifest.sha256) {
    throw new PublishError('the shards are not those that the manifest was made for: its sha256 differs');
  }
  const whole = Object.fromEntries(SECTIONS.map((section) => [section, {}]));
  for (const { part } of chosen) {
    for (const section of SECTIONS) Object.assign(whole[section]!, part[section]);
    yield;
  }
  return { ...settingsOf(manifest, chosen), ...whole } as Config;
}

const Settings = Config.omit(
  Object.fromEntries(SECTIONS.map((section) => [section, true])) as Record<(typeof SECTIONS)[number], true>,
);

/** Everything but the sections. */
function settingsOf({ revision }: Manifest, shards: readonly Shard[]): z.infer<typeof Settings> {
  const settings: Record<string, unknown> = { version: CONFIG_VERSION, revision };
  for (const { part } of shards) {
    const values: Readonly<Record<string, unknown>> = part;
    for (const name of SETTINGS) if (name in values) settings[name] = values[name];
  }
  const parsed = Settings.safeParse(settings);
  if (!parsed.success)
    throw new PublishError(`the settings are incomplete: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
