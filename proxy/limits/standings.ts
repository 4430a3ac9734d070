import { limitName } from './demands.ts';
import type { Demand, Standing } from './memory.ts';

/** How long a caller waits for a free place when nothing says when one will be free. */
const RETRY_CONCURRENT = 1_000;

/** The limit that refuses for the longest. */
export interface Refusing {
  /** `policy/limit`. */
  name: string;
  demand: Demand;
  /** Milliseconds. */
  retryAfter: number;
}

/** What stands in the way; at least one of the standings must. */
export function refusing(standings: readonly Standing[]): Refusing {
  const refused = standings.filter(({ exceeded, demand }) => exceeded && !demand.monitor);
  const { demand, resetIn } = refused.reduce((a, b) => (b.resetIn > a.resetIn ? b : a));
  const retryAfter = demand.per === undefined ? RETRY_CONCURRENT : resetIn;
  return { name: limitName(demand), demand, retryAfter };
}

/** Records what limits in Monitor mode would have refused. */
export function noteMonitored(record: { wouldHave: string[] }, standings: readonly Standing[]): void {
  for (const { demand, exceeded } of standings) {
    if (exceeded && demand.monitor) record.wouldHave.push(`limit ${limitName(demand)}`);
  }
}
