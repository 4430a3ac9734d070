import type { Lab, Server } from '../lab.ts';
import { measure, median, type Sample } from '../measure.ts';
import type { Traffic } from '../traffic.ts';
import type { Case, Check } from './case.ts';

const TRAFFIC: Traffic = { mode: 'slow', bytes: 1_000, connections: 16 };
/** There are few requests a second: p99 needs some seconds. */
const MIN_DURATION = 5_000;

export const latencyCase: Case = {
  name: 'latency',
  about: 'added to an upstream that takes 60 ms, 16 at once',
  async run(lab: Lab) {
    const nginx = await lab.nginx();
    const servers = [await lab.floor(), ...(nginx ? [nginx] : []), await lab.product()];
    const upstream = await lab.upstream();
    const added = new Map(servers.map((server) => [server, [] as Sample[]]));
    const direct: Sample[] = [];
    const duration = Math.max(MIN_DURATION, lab.pace.duration);
    for (let round = 0; round < lab.pace.rounds; round++) {
      direct.push(await measure(lab, upstream, TRAFFIC, duration));
      for (const [server, samples] of added) samples.push(await measure(lab, server, TRAFFIC, duration));
    }
    return { rows: [], checks: checks(direct, added) };
  },
};

function checks(direct: readonly Sample[], added: ReadonlyMap<Server, readonly Sample[]>): Check[] {
  const over = (samples: readonly Sample[], field: 'p50' | 'p99'): number =>
    median(samples.map((sample, round) => sample[field] - direct[round]![field]));
  const others = (field: 'p50' | 'p99'): string =>
    [...added]
      .filter(([{ name }]) => name !== 'modelgate')
      .map(([{ name }, samples]) => `${name} ${over(samples, field).toFixed(2)}`)
      .join(', ');
  const [product] = [...added].filter(([{ name }]) => name === 'modelgate').map(([, samples]) => samples);
  return [
    { name: 'latency: added p50', value: over(product!, 'p50'), target: 1, unit: 'ms', note: others('p50') },
    { name: 'latency: added p99', value: over(product!, 'p99'), target: 5, unit: 'ms', note: others('p99') },
  ];
}
