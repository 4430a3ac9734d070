import { setTimeout as delay } from 'node:timers/promises';
import { LoadRun } from './load.ts';
import type { Lab, Loadable } from './lab.ts';
import { requestsOf, type Traffic } from './traffic.ts';

/** One run of one server. */
export interface Sample {
  /** CPU of the server, user and system, microseconds a request. */
  cpu: number;
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  max: number;
  /** Of the server after the run, megabytes. */
  rss: number;
  errors: number;
}

const WARM_UP = 3_000;
const AGAIN = 200;
/** Milliseconds in which streams that were broken off have ended at a server that does not cancel them. */
const PACED_STREAM = 600;
const warm = new Set<string>();

/** Loads the server for the duration of the pace; what it did to get warm does not count. */
export async function measure(
  lab: Lab,
  server: Loadable,
  traffic: Traffic,
  duration = lab.pace.duration,
): Promise<Sample> {
  const load = {
    port: server.port,
    requests: requestsOf(traffic, server.path(traffic.mode)),
    status: traffic.status ?? 200,
    connections: traffic.connections,
  };
  const run = new LoadRun(load);
  await run.measure(warmUp(server, traffic));
  const before = server.child.cpu();
  const { requests, errors, seconds, latency } = await run.measure(duration);
  const cpu = server.child.cpu() - before;
  const rss = server.child.rss();
  run.stop();
  if (traffic.mode === 'paced') await delay(PACED_STREAM);
  lab.forgetLog();
  return {
    cpu: (cpu * 1e6) / requests,
    perSecond: requests / seconds,
    p50: latency.percentile(50) / 1_000,
    p99: latency.percentile(99) / 1_000,
    max: latency.max / 1_000,
    rss,
    errors,
  };
}

function warmUp({ child }: Loadable, { mode, bytes, status }: Traffic): number {
  const what = `${child.pid} ${mode} ${bytes} ${status}`;
  if (warm.has(what)) return AGAIN;
  warm.add(what);
  return WARM_UP;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
