import type { Lab, Server } from '../lab.ts';
import { measure, median, type Sample } from '../measure.ts';
import { CACHED_KEY, LIMITED_KEY, UNKNOWN_KEY } from '../parties.ts';
import type { Traffic } from '../traffic.ts';
import type { Case, Check, Row } from './case.ts';

interface Comparison {
  name: string;
  about: string;
  traffic: Traffic;
  /** What the floor does meanwhile; the same unless given. */
  against?: Traffic;
  /** CPU a request, times the floor's. */
  target: number;
  /** p99, times the floor's; only where the server is saturated. */
  p99Target?: number;
}

const JSON_TRAFFIC: Traffic = { mode: 'json', bytes: 1_000, connections: 32 };
/** Without an upstream, everything waits for the load generator. */
const REFUSED: Traffic = { ...JSON_TRAFFIC, connections: 64 };

const COMPARISONS: readonly Comparison[] = [
  {
    name: 'json',
    about: '1 KB request, 1 KB answer, 32 connections',
    traffic: JSON_TRAFFIC,
    target: 1.35,
    p99Target: 1,
  },
  { name: 'json-32k', about: '32 KB prompt', traffic: { ...JSON_TRAFFIC, bytes: 32_000 }, target: 1.1 },
  { name: 'json-100k', about: '100 KB prompt', traffic: { ...JSON_TRAFFIC, bytes: 100_000 }, target: 1.1 },
  {
    name: 'stream',
    about: 'stream of 50 events, all at once, 16 connections',
    traffic: { mode: 'stream', bytes: 1_000, connections: 16 },
    target: 1.25,
  },
  {
    name: 'paced',
    about: 'stream of 50 events, one each 10 ms, 128 connections',
    traffic: { mode: 'paced', bytes: 1_000, connections: 128 },
    target: 1.25,
  },
  {
    name: 'cache-hit',
    about: 'an answer that is given again, against the JSON of the floor',
    traffic: { ...REFUSED, keys: [CACHED_KEY] },
    against: JSON_TRAFFIC,
    target: 0.8,
  },
  {
    name: '401',
    about: 'unknown key, against the JSON of the floor',
    traffic: { ...REFUSED, keys: [UNKNOWN_KEY], status: 401 },
    against: JSON_TRAFFIC,
    target: 0.8,
  },
  {
    name: '429',
    about: 'limit reached, against the JSON of the floor',
    traffic: { ...REFUSED, keys: [LIMITED_KEY], status: 429 },
    against: JSON_TRAFFIC,
    target: 0.8,
  },
];

export const throughputCases: readonly Case[] = COMPARISONS.map((comparison) => {
  const { name, about } = comparison;
  return {
    name,
    about,
    async run(lab: Lab) {
      const samples = await compare(lab, comparison);
      return { rows: rowsOf(name, samples), checks: checksOf(comparison, samples) };
    },
  };
});

type Samples = ReadonlyMap<Server['name'], readonly Sample[]>;

/** The servers take turns, so that what else happens on the machine happens to all of them. */
async function compare(lab: Lab, { traffic, against }: Comparison): Promise<Samples> {
  const nginx = against ? undefined : await lab.nginx();
  const servers = [await lab.floor(), ...(nginx ? [nginx] : []), await lab.product()];
  const samples = new Map(servers.map(({ name }): [Server['name'], Sample[]] => [name, []]));
  for (let round = 0; round < lab.pace.rounds; round++) {
    for (const server of servers) {
      const now = server.name === 'modelgate' ? traffic : (against ?? traffic);
      samples.get(server.name)!.push(await measure(lab, server, now));
    }
  }
  return samples;
}

function rowsOf(name: string, samples: Samples): Row[] {
  return [...samples].map(([server, own]) => {
    const floor = samples.get('floor');
    const nginx = samples.get('nginx');
    return {
      ...medians(own),
      case: name,
      server,
      ...(floor && { toFloor: ratio(own, floor, 'cpu') }),
      ...(nginx && { toNginx: ratio(own, nginx, 'cpu') }),
    };
  });
}

function checksOf({ name, target, p99Target }: Comparison, samples: Samples): Check[] {
  const product = samples.get('modelgate')!;
  const floor = samples.get('floor')!;
  const errors = product.reduce((sum, sample) => sum + sample.errors, 0);
  const note = errors > 0 ? { note: `${errors} wrong answers` } : {};
  const cpu: Check = {
    name: `${name}: CPU to floor`,
    value: ratio(product, floor, 'cpu'),
    target,
    unit: '×',
    ...note,
  };
  if (p99Target === undefined) return [cpu];
  return [
    cpu,
    { name: `${name}: p99 to floor`, value: ratio(product, floor, 'p99'), target: p99Target, unit: '×' },
  ];
}

/** Of each round by itself, so that a slow minute of the machine does not count for one of the two only. */
function ratio(a: readonly Sample[], b: readonly Sample[], field: 'cpu' | 'p99'): number {
  return median(a.map((sample, round) => sample[field] / b[round]![field]));
}

function medians(samples: readonly Sample[]): Sample {
  const of = (field: keyof Sample): number => median(samples.map((sample) => sample[field]));
  return {
    cpu: of('cpu'),
    perSecond: of('perSecond'),
    p50: of('p50'),
    p99: of('p99'),
    max: of('max'),
    rss: of('rss'),
    errors: samples.reduce((sum, { errors }) => sum + errors, 0),
  };
}
