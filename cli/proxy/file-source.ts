import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { Config } from '../../core/config/config.ts';
import type { Gateway } from '../../proxy/gateway.ts';
import { watchPaths } from '../serve/watch.ts';
import type { ProxySource } from './source.ts';

/** A compiled configuration in a file, and every change to it. */
export function fileSource(path: string): ProxySource {
  return {
    description: `file ${path}`,
    follow: (gateway) => {
      gateway.describeSource(`waiting for the file ${path}`);
      const changed = (): void => void take(path, gateway);
      const failed = (error: unknown): void =>
        gateway.log.error({ err: error }, 'the file cannot be watched; restart to load changes');
      // Watching begins with a look.
      const watch = watchPaths([path], changed, failed);
      return { stop: async () => (await watch).close() };
    },
  };
}

async function take(path: string, gateway: Gateway): Promise<void> {
  try {
    const config = parse(await readFile(path, 'utf8'));
    await gateway.use(config);
    gateway.describeSource(`following the file ${path}`);
    gateway.log.info({ revision: config.revision }, 'configuration taken over');
  } catch (error) {
    const { message } = error as Error;
    gateway.refused();
    gateway.describeSource(`the file cannot be used: ${message}`);
    gateway.log.error({ reason: message }, 'the file cannot be used; the last configuration goes on');
  }
}

/** No value is in the message: some are secret. */
function parse(text: string): Config {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
  const parsed = Config.safeParse(value);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return parsed.data;
}
