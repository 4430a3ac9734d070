import type { Writable } from 'node:stream';
import { EDGE_LIMITS, type EdgeLimits } from './edge/limits.ts';

export interface GatewayOptions {
  /** Where applications connect. */
  host: string;
  port: number;
  /** `/metrics`, `/status`, `/explain`; on the same host. */
  adminPort: number;
  logLevel: string;
  /** JSON lines; standard output unless given. */
  logDestination?: Writable | undefined;
  /** Where the configuration comes from, as `/status` shows it. */
  source: string;
  /**
   * Ready as soon as there is a configuration, also one without an alias: what waits for a new installation, such as
   * `helm install --wait`, waits before there is one.
   */
  readyWithoutAlias: boolean;
  /** Tell callers which provider and model answered. */
  upstreamHeaders: boolean;
  /** Milliseconds that requests under way may take to end after `stop`. */
  drainTimeout: number;
  /** Milliseconds of silence after which a stream gets a sign of life. */
  heartbeatEvery: number;
  /** Milliseconds after which a caller that does not read its answer is cut off. */
  blockedFor: number;
  /** Of connections, on both ports. */
  edge: EdgeLimits;
}

export const DEFAULT_OPTIONS: GatewayOptions = {
  host: '127.0.0.1',
  port: 8080,
  adminPort: 9090,
  logLevel: 'info',
  source: 'unknown',
  readyWithoutAlias: false,
  upstreamHeaders: true,
  drainTimeout: 300_000,
  heartbeatEvery: 15_000,
  blockedFor: 60_000,
  edge: EDGE_LIMITS,
};
