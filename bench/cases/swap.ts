import { setTimeout as delay } from 'node:timers/promises';
import { order, type Lab } from '../lab.ts';
import { LoadRun } from '../load.ts';
import { median } from '../measure.ts';
import { requestsOf, type Traffic } from '../traffic.ts';
import type { Case } from './case.ts';

const SIZE = { callers: 100_000, aliases: 0 };
const TRAFFIC: Traffic = { mode: 'json', bytes: 1_000, connections: 8 };
const SWAPS = 4;
/** Milliseconds between two of them, and of the load without any. */
const EVERY = 1_000;
const WARM_UP = 2_000;

/** Taking over alone: what a source must do to read and check a configuration is its own matter. */
export const swapCase: Case = {
  name: 'swap',
  about: 'slowest request while a configuration with 100,000 keys is taken over',
  async run(lab: Lab) {
    const product = await lab.startProduct(SIZE);
    const files = [await lab.configFile(SIZE, 'second'), await lab.configFile(SIZE, 'third')];
    for (const file of files) await order(product, { load: file });
    const requests = requestsOf(TRAFFIC, product.path(TRAFFIC.mode));
    const load = new LoadRun({ port: product.port, requests, status: 200, connections: TRAFFIC.connections });
    await load.measure(WARM_UP);
    const calm = await load.measure(SWAPS * EVERY);
    const slowestCalm = calm.latency.max / 1_000;
    const measured = load.measure(SWAPS * EVERY);
    const took: number[] = [];
    for (let i = 0; i < SWAPS; i++) {
      took.push(await order(product, { use: files[i % 2]! }));
      await delay(EVERY / 2);
    }
    const { latency, errors } = await measured;
    const note = `${slowestCalm.toFixed(1)} ms without a swap; one takes ${median(took).toFixed(0)} ms; ${errors} wrong answers`;
    const value = latency.max / 1_000;
    load.stop();
    await product.child.stop();
    return { rows: [], checks: [{ name: 'swap: slowest request', value, target: 50, unit: 'ms', note }] };
  },
};
