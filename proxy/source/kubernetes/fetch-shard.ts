import * as z from 'zod';
import { SHARD_KEY } from '../../../core/publish/names.ts';
import { PublishError } from '../../../core/publish/publish-error.ts';
import type { Fetch } from '../reader.ts';
import { ApiError } from './api-error.ts';
import type { ApiServer } from './api-server.ts';

const Secret = z.object({ data: z.object({ [SHARD_KEY]: z.base64() }) });

/** Gets shards from the Secrets that hold them. */
export function fetchShard(api: ApiServer, namespace: string): Fetch {
  return async (name) => {
    try {
      const secret = Secret.safeParse(await api.json(`/api/v1/namespaces/${namespace}/secrets/${name}`));
      if (!secret.success) throw new PublishError(`the Secret ${name} has no ${SHARD_KEY}`);
      return Buffer.from(secret.data.data[SHARD_KEY], 'base64');
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) throw new PublishError(`${name} is missing`);
      throw error;
    }
  };
}
