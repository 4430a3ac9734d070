import { hash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import { Config, CONFIG_VERSION } from '../config/config.ts';
import { PublishError } from './publish-error.ts';

/** What one bucket holds: entries of sections whose id falls into it, and settings whose name does. */
const Part = Config.omit({ revision: true, version: true }).partial();

export type Part = z.infer<typeof Part>;

/** A shard that was read and found whole. */
export interface Shard {
  /** SHA-256 of its JSON, lower-case hex. */
  digest: string;
  part: Part;
}

const PREFIX = 'modelgate-config-';
const DIGITS = 16;
/** Fixed, so that equal content has equal bytes; more takes much longer for little. */
const LEVEL = 6;
/** What a shard may unpack to, in bytes; `publish` makes none of a tenth of it. */
const MAX_UNPACKED = 64 * 1024 * 1024;

/** The name says what is inside, not how it was compressed: another zlib changes no names. */
export function shardName(bucket: number, digest: string): string {
  return `${PREFIX}${bucket}-${digest.slice(0, DIGITS)}`;
}

export function packShard(json: string): Buffer {
  return gzipSync(json, { level: LEVEL });
}

/**
 * Unpacks one shard, and checks that it is what its name says and what a configuration is made of.
 * @param bytes gzip of JSON
 * @throws PublishError when it is not
 */
export function readShard(name: string, bytes: Uint8Array): Shard {
  const json = unpack(name, bytes);
  const digest = hash('sha256', json, 'hex');
  if (!name.startsWith(PREFIX) || !name.endsWith(`-${digest.slice(0, DIGITS)}`)) {
    throw new PublishError(`${name} does not hold what its name says: its SHA-256 is ${digest}`);
  }
  return { digest, part: parsePart(name, json) };
}

function unpack(name: string, bytes: Uint8Array): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED });
  } catch (error) {
    throw new PublishError(`${name} cannot be unpacked: ${(error as Error).message}`);
  }
}

/** What a value was is in no message: a shard holds provider keys. */
function parsePart(name: string, json: Buffer): Part {
  let value: { version?: unknown };
  try {
    value = Object(JSON.parse(json.toString())) as typeof value;
  } catch {
    throw new PublishError(`${name} is not JSON`);
  }
  const { version, ...part } = value;
  if (version !== CONFIG_VERSION) {
    throw new PublishError(
      `${name} has version ${JSON.stringify(version)}; this program reads ${CONFIG_VERSION}`,
    );
  }
  const parsed = Part.safeParse(part);
  if (!parsed.success) throw new PublishError(`${name} is malformed: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
