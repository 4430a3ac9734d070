import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../lab.ts';
import { measure } from '../measure.ts';
import type { Case, Check } from './case.ts';

/** Milliseconds after which what a start needed is given back. */
const SETTLED = 8_000;
const TARGETS = [
  { callers: 1, target: 110 },
  { callers: 100_000, target: 250 },
];

export const memoryCase: Case = {
  name: 'memory',
  about: 'RSS of an idle gateway with 1 and 100,000 keys',
  async run(lab: Lab) {
    const checks: Check[] = [];
    for (const { callers, target } of TARGETS) {
      const product = await lab.startProduct({ callers, aliases: 0 });
      await delay(SETTLED);
      const value = product.child.rss();
      const { rss } = await measure(lab, product, { mode: 'json', bytes: 1_000, connections: 32 });
      await product.child.stop();
      const name = `memory: idle, ${callers.toLocaleString('en')} keys`;
      checks.push({ name, value, target, unit: 'MB', note: `${rss.toFixed(0)} MB after load` });
    }
    return { rows: [], checks };
  },
};
