import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { pino, type Logger } from 'pino';
import type { Config } from '../core/config/config.ts';
import { GatewayError } from '../core/errors.ts';
import { adminServer } from './admin.ts';
import { DEFAULT_OPTIONS, type GatewayOptions } from './options.ts';
import type { CallerRequest } from './pipeline/caller-request.ts';
import { refuse } from './pipeline/deliver.ts';
import { Heartbeats } from './pipeline/heartbeats.ts';
import { InFlight } from './pipeline/in-flight.ts';
import type { RequestRecord } from './pipeline/request-record.ts';
import { pipeline } from './pipeline/index.ts';
import { GatewayState } from './runtime/gateway-state.ts';
import { Runtime } from './runtime/runtime.ts';
import { applicationServer } from './server.ts';
import { accessLine } from './telemetry/access-log.ts';
import { LineBuffer } from './telemetry/line-buffer.ts';
import { Metrics } from './telemetry/metrics.ts';

const SWEEP_EVERY = 60_000;
/** How long callers may take to read that they were cut off. */
const FAREWELL = 1_000;

/** The data plane as one thing: start it, give it configurations, stop it. */
export class Gateway {
  readonly log: Logger;
  readonly #options: GatewayOptions;
  readonly #state = new GatewayState();
  readonly #requests = new InFlight();
  readonly #metrics: Metrics;
  readonly #heartbeats: Heartbeats;
  readonly #applications: FastifyInstance;
  readonly #admin: FastifyInstance;
  readonly #accessLog: LineBuffer;
  readonly #sweeper: NodeJS.Timeout;
  #runtime: Runtime | undefined;
  #loading: Promise<void> = Promise.resolve();
  #draining = false;
  #sourceState: string | undefined;
  #ended: { id: string; record: RequestRecord }[] = [];

  constructor(options: Partial<GatewayOptions> = {}) {
    this.#options = { ...DEFAULT_OPTIONS, ...options };
    const { logLevel, logDestination, heartbeatEvery, blockedFor } = this.#options;
    const destination = logDestination ?? pino.destination({ dest: 1, sync: false });
    this.log = pino({ level: logLevel, base: null }, destination);
    this.#accessLog = new LineBuffer(destination);
    this.#heartbeats = new Heartbeats({ every: heartbeatEvery, blockedFor }, this.#options, this.#requests);
    this.#metrics = new Metrics({
      revision: () => this.#runtime?.config.revision,
      loadedAt: () => this.#runtime?.loadedAt,
      inFlight: () => this.#requests.size,
    });
    this.#applications = this.#applicationServer();
    this.#admin = this.#adminServer();
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_EVERY).unref();
  }

  /** Listens; answers 503 until there is a configuration. */
  async start(): Promise<{ port: number; adminPort: number }> {
    const { host, port, adminPort } = this.#options;
    await this.#applications.listen({ host, port });
    try {
      await this.#admin.listen({ host, port: adminPort });
    } catch (error) {
      await this.#applications.close();
      throw error;
    }
    return { port: portOf(this.#applications), adminPort: portOf(this.#admin) };
  }

  /**
   * Serves new requests by this configuration as soon as it is ready; those under way end by the old one. Rejects
   * when it cannot be taken over.
   */
  use(config: Config): Promise<void> {
    const before = this.#loading;
    this.#loading = this.#load(config, before);
    return this.#loading;
  }

  async #load(config: Config, before: Promise<void>): Promise<void> {
    // That the one before could not be taken over was told to whoever brought it.
    await before.catch(() => undefined);
    if (config.revision === this.#runtime?.config.revision) return;
    const next = await Runtime.build(config, this.#state);
    this.#runtime?.retire();
    this.#runtime = next;
    this.#metrics.configLoaded('loaded');
  }

  /** A configuration that could not be taken over; the one before goes on. */
  refused(): void {
    this.#metrics.configLoaded('refused');
  }

  /** How it stands with the source, for `/status`, and for `/readyz` while nothing is served. */
  describeSource(state: string): void {
    this.#sourceState = state;
  }

  /**
   * Not ready at once; requests under way may end, up to the drain timeout; then the rest is told and cut off.
   * @param drainTimeout milliseconds
   */
  async stop(drainTimeout = this.#options.drainTimeout): Promise<void> {
    this.#draining = true;
    for (const request of this.#requests) closeAfter(request);
    const closed = this.#applications.close();
    const drained = this.#drained();
    await atMost(drainTimeout, drained);
    for (const request of this.#requests) this.#cutOff(request);
    await atMost(FAREWELL, drained);
    this.#applications.server.closeAllConnections();
    const adminClosed = this.#admin.close();
    this.#admin.server.closeAllConnections();
    await Promise.all([drained, closed, adminClosed]);
    this.#heartbeats.stop();
    clearInterval(this.#sweeper);
    this.#runtime?.retire();
    this.#reportEnded();
    this.#accessLog.flush();
    await new Promise<void>((resolve) => this.log.flush(() => resolve()));
  }

  #sweep(): void {
    this.#state.limits.sweep(Date.now());
    this.#state.answers.sweep(performance.now());
  }

  async #drained(): Promise<void> {
    while (this.#requests.size > 0) {
      await Promise.all(
        [...this.#requests].map((request) => new Promise((resolve) => request.res.once('close', resolve))),
      );
    }
  }

  #cutOff(request: CallerRequest): void {
    request.cancel();
    refuse(request, new GatewayError('not_ready', 'The gateway is shutting down. Try again.'), this.#options);
  }

  #applicationServer(): FastifyInstance {
    const run = pipeline(this.#state);
    const host = {
      runtime: () => this.#runtime,
      ready: () => this.#ready,
      began: (request: CallerRequest) => {
        this.#requests.add(request);
        if (this.#draining) closeAfter(request);
      },
      ended: (request: CallerRequest) => {
        this.#requests.delete(request);
        this.#report(request);
      },
      failed: ({ id }: CallerRequest, error: unknown) =>
        this.log.error({ requestId: id, err: error }, 'defect'),
    };
    return applicationServer(run, host, this.#options);
  }

  #adminServer(): FastifyInstance {
    return adminServer({
      metrics: this.#metrics,
      source: this.#options.source,
      sourceState: () => this.#sourceState,
      edge: this.#options.edge,
      runtime: () => this.#runtime,
      ready: () => this.#ready,
      draining: () => this.#draining,
      inFlight: () => this.#requests.size,
    });
  }

  /** Once per turn of the event loop, for all that ended in it: the same code for many runs at half the cost. */
  #report({ id, record }: CallerRequest): void {
    this.#ended.push({ id, record });
    if (this.#ended.length === 1) setImmediate(() => this.#reportEnded());
  }

  #reportEnded(): void {
    const ended = this.#ended;
    this.#ended = [];
    const now = Date.now();
    const logged = this.log.isLevelEnabled('info');
    for (const { id, record } of ended) {
      this.#metrics.observe(record);
      if (logged) this.#accessLog.push(accessLine(id, record, now));
    }
  }

  get #ready(): boolean {
    if (this.#draining || this.#runtime === undefined) return false;
    return this.#runtime.serves || this.#options.readyWithoutAlias;
  }
}

export function createGateway(options: Partial<GatewayOptions> = {}): Gateway {
  return new Gateway(options);
}

/** Its connection ends with its answer. */
function closeAfter(request: CallerRequest): void {
  request.headers.push('connection', 'close');
}

/** Waits for something, but not for ever. */
async function atMost(ms: number, something: Promise<void>): Promise<void> {
  const enough = new AbortController();
  const timeout = delay(ms, undefined, { signal: enough.signal }).catch(() => undefined);
  await Promise.race([something, timeout]);
  enough.abort();
}

function portOf(app: FastifyInstance): number {
  return (app.server.address() as AddressInfo).port;
}
