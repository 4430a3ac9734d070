import { readFileSync } from 'node:fs';
import type { Config } from '../core/config/config.ts';
import { createGateway } from '../proxy/gateway.ts';

/**
 * The gateway as it is sold, in a process of its own. Messages name files with configurations: `load` reads one, `use`
 * serves by it and answers with how long that took, so that a case can tell reading from taking over.
 */
export type Order = { load: string } | { use: string };
export interface Used {
  /** Milliseconds. */
  used: number;
}

const config = process.argv[2]!;
const loaded = new Map<string, Config>();
const gateway = createGateway({ port: 0, adminPort: 0, source: 'bench' });

function load(file: string): Config {
  return JSON.parse(readFileSync(file, 'utf8')) as Config;
}

async function obey(order: Order): Promise<void> {
  if ('load' in order) {
    loaded.set(order.load, load(order.load));
    process.send?.({ used: 0 });
    return;
  }
  const began = performance.now();
  await gateway.use(loaded.get(order.use) ?? load(order.use));
  process.send?.({ used: performance.now() - began });
}

process.on('message', (order: Order) => void obey(order));
process.on('disconnect', () => process.exit());

await gateway.use(load(config));
process.send?.(await gateway.start());
