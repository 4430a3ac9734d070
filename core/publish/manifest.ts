import { hash } from 'node:crypto';
import * as z from 'zod';
import { PublishError } from './publish-error.ts';

/** Version of how a configuration is cut and named; what is inside has `CONFIG_VERSION`. */
export const MANIFEST_VERSION = 1;

/** Names become paths, of the API and of files. */
const SHARD_NAME = /^modelgate-config-\d{1,6}-[0-9a-f]{16}$/;

export const Manifest = z.strictObject({
  version: z.literal(MANIFEST_VERSION),
  revision: z.string().describe('of the configuration'),
  sha256: z.string().describe('of all of it; see `digestOf`'),
  shards: z.array(z.string().regex(SHARD_NAME)).readonly().describe('names, in the order of their buckets'),
});

export type Manifest = z.infer<typeof Manifest>;

/**
 * Hash over the revision and the hashes of the shards' contents, in order. It covers every byte, and yet one changed
 * shard costs one hash of that shard, not one of everything.
 * @param digests SHA-256 of each shard's JSON, lower-case hex
 */
export function digestOf(revision: string, digests: readonly string[]): string {
  return hash('sha256', [revision, ...digests].join('\n'), 'hex');
}

/** @throws PublishError when it is no manifest, or one of a version that this program does not know */
export function parseManifest(json: string): Manifest {
  const value = parse(json);
  const { version } = Object(value) as { version?: unknown };
  if (version !== MANIFEST_VERSION) {
    throw new PublishError(
      `the manifest has version ${JSON.stringify(version)}; this program reads ${MANIFEST_VERSION}`,
    );
  }
  const parsed = Manifest.safeParse(value);
  if (!parsed.success) throw new PublishError(`the manifest is malformed: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new PublishError('the manifest is not JSON');
  }
}
