import { collectDefaultMetrics, Counter, Gauge, type Registry } from 'prom-client';
import { CounterFamily, HistogramFamily } from './tallies.ts';

/** Buckets of the GenAI conventions: https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/ */
const DURATION = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const FIRST_TOKEN = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

/** What the process knows about itself when it is scraped. */
export interface Current {
  revision(): string | undefined;
  /** Milliseconds since the epoch. */
  loadedAt(): number | undefined;
  inFlight(): number;
}

export type Instruments = ReturnType<typeof declareInstruments>;

/**
 * Every metric. Those named `gen_ai_*` follow OpenTelemetry's conventions. Families are on every request's path;
 * counters are for what goes wrong.
 */
export function declareInstruments(registry: Registry) {
  const tallies = (name: string, help: string) => new CounterFamily({ name, help }, registry);
  const histogram = (name: string, help: string, bounds: number[]) =>
    new HistogramFamily({ name, help }, bounds, registry);
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });
  return {
    requests: tallies('modelgate_requests_total', 'Requests that ended.'),
    attempts: tallies('modelgate_upstream_attempts_total', 'Requests sent to providers.'),
    duration: histogram('gen_ai_server_request_duration_seconds', 'Time to the last byte.', DURATION),
    firstToken: histogram(
      'gen_ai_server_time_to_first_token_seconds',
      'Time to the first byte.',
      FIRST_TOKEN,
    ),
    tokens: histogram('gen_ai_client_token_usage', 'Tokens per request, as providers report them.', TOKENS),
    failures: counter('modelgate_upstream_failures_total', 'Attempts that failed.', [
      'alias',
      'credential',
      'provider',
      'reason',
    ]),
    errors: tallies('modelgate_errors_total', 'Errors that callers got.'),
    limited: tallies('modelgate_limit_rejections_total', 'Requests that a limit refused.'),
    cache: tallies('modelgate_cache_requests_total', 'Requests under a policy that caches.'),
    wouldHave: counter('modelgate_would_have_total', 'What policies in Monitor mode did not do.', [
      'decision',
    ]),
    configLoads: counter('modelgate_config_loads_total', 'Configurations taken over or refused.', ['result']),
  };
}

/** Values that are read when they are scraped. */
export function declareGauges(registry: Registry, current: Current): void {
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, value: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers: [registry], collect: () => made.set(value()) });
  };
  const info = new Gauge({
    name: 'modelgate_config_info',
    help: 'The configuration that serves; always 1.',
    labelNames: ['revision'],
    registers: [registry],
    collect: () => {
      info.reset();
      const revision = current.revision();
      if (revision !== undefined) info.set({ revision }, 1);
    },
  });
  gauge('modelgate_config_age_seconds', 'How long the configuration has been serving.', () => {
    const loadedAt = current.loadedAt();
    return loadedAt === undefined ? 0 : (Date.now() - loadedAt) / 1_000;
  });
  gauge('modelgate_requests_in_flight', 'Requests that have not ended.', () => current.inFlight());
}
