import { Writable } from 'node:stream';
import type { Config } from '../../core/config/config.ts';
import { createGateway } from '../../proxy/gateway.ts';
import type { GatewayOptions } from '../../proxy/options.ts';
import { configOf } from './compile-yaml.ts';

export interface TestGateway {
  /** Base URL for SDKs: ends in /v1. */
  url: string;
  origin: string;
  adminUrl: string;
  /** Every line that was logged so far. */
  logs(): string[];
  use(next: string | Config): Promise<void>;
  stop(): Promise<void>;
}

/** A gateway on free ports with this configuration, given as resources in YAML or ready compiled. */
export async function startGateway(
  first: string | Config,
  options: Partial<GatewayOptions> = {},
): Promise<TestGateway> {
  const lines: string[] = [];
  const logDestination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(...String(chunk).split('\n').filter(Boolean));
      done();
    },
  });
  const defaults = { host: '127.0.0.1', port: 0, adminPort: 0, drainTimeout: 1_000 };
  const gateway = createGateway({ ...defaults, logDestination, source: 'test', ...options });
  const { port, adminPort } = await gateway.start();
  const use = (next: string | Config) => gateway.use(typeof next === 'string' ? configOf(next) : next);
  try {
    await use(first);
  } catch (error) {
    await gateway.stop();
    throw error;
  }
  const origin = `http://127.0.0.1:${port}`;
  return {
    url: `${origin}/v1`,
    origin,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    logs: () => [...lines],
    use,
    stop: () => gateway.stop(),
  };
}
