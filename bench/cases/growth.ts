import type { Size } from '../config.ts';
import type { Lab } from '../lab.ts';
import { measure, median } from '../measure.ts';
import { keyOf } from '../parties.ts';
import type { Case, Check } from './case.ts';

interface Growth {
  name: string;
  about: string;
  /** The first one is what the others are compared with. */
  sizes: readonly Size[];
  of: (size: Size) => number;
}

const TARGET = 1.05;
/** As many callers at most take part, from all over the table: it is the size of the table that is asked for. */
const MAX_ACTIVE = 1_000;

const GROWTHS: readonly Growth[] = [
  {
    name: 'keys',
    about: 'CPU with 1,000 and 100,000 caller keys against 1',
    sizes: [1, 1_000, 100_000].map((callers) => ({ callers, aliases: 0 })),
    of: ({ callers }) => callers,
  },
  {
    name: 'aliases',
    about: 'CPU with 1,000 aliases against 1',
    sizes: [1, 1_000].map((aliases) => ({ callers: 1, aliases })),
    of: ({ aliases }) => aliases,
  },
];

export const growthCases: readonly Case[] = GROWTHS.map((growth) => {
  const { name, about } = growth;
  return { name, about, run: async (lab: Lab) => ({ rows: [], checks: await grow(lab, growth) }) };
});

async function grow(lab: Lab, { name, sizes, of }: Growth): Promise<Check[]> {
  const products = [];
  for (const size of sizes) products.push(await lab.startProduct(size));
  const cpu: number[][] = sizes.map(() => []);
  for (let round = 0; round < lab.pace.rounds; round++) {
    for (const [i, size] of sizes.entries()) {
      const { cpu: used } = await measure(lab, products[i]!, trafficOf(size));
      cpu[i]!.push(used);
    }
  }
  for (const { child } of products) await child.stop();
  const [smallest, ...larger] = cpu;
  return larger.map((samples, i) => ({
    name: `${name}: ${of(sizes[i + 1]!).toLocaleString('en')} against ${of(sizes[0]!)}`,
    value: median(samples.map((used, round) => used / smallest![round]!)),
    target: TARGET,
    unit: '×',
  }));
}

/** Callers from all over the table; the last of the aliases. */
function trafficOf({ callers, aliases }: Size) {
  const active = Math.min(callers, MAX_ACTIVE);
  const keys = Array.from({ length: active }, (_, i) => keyOf(Math.floor((i * callers) / active)));
  const alias = aliases > 0 ? { alias: `alias-${aliases - 1}` } : {};
  return { mode: 'json' as const, bytes: 1_000, connections: 32, keys, ...alias };
}
