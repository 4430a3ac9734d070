import { Registry } from 'prom-client';
import { PROVIDERS } from '../../core/providers/index.ts';
import type { RequestRecord } from '../pipeline/request-record.ts';
import { remember } from '../runtime/remember.ts';
import { declareGauges, declareInstruments, type Current, type Instruments } from './instruments.ts';
import type { Tally } from './tallies.ts';

const OPERATIONS: Record<string, string> = {
  'chat/completions': 'chat',
  completions: 'text_completion',
};

/** The label of everything without an alias: callers cannot make new time series. */
const UNKNOWN = 'unknown';

/** What one kind of request writes to, with the labels already bound. */
type Series = ReturnType<typeof bindSeries>;

/** Counts requests as they end. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #instruments: Instruments;
  readonly #series = new Map<string, Series>();
  readonly #attempts = new Map<string, Tally>();
  readonly #errors = new Map<string, Tally>();
  readonly #limited = new Map<string, Tally>();
  readonly #cache = new Map<string, Tally>();

  constructor(current: Current) {
    this.#instruments = declareInstruments(this.#registry);
    declareGauges(this.#registry, current);
  }

  observe(record: RequestRecord): void {
    const labels = labelsOf(record);
    const series = remember(this.#series, seriesKey(labels), () => bindSeries(this.#instruments, labels));
    series.requests.inc();
    series.duration.observe(record.duration / 1_000);
    if (record.firstByteAfter !== undefined && record.status < 400)
      series.firstToken.observe(record.firstByteAfter / 1_000);
    if (record.usage) {
      series.input.observe(record.usage.input);
      series.output.observe(record.usage.output);
    }
    this.#observeAttempts(record, labels.alias);
    this.#observeTroubles(record);
  }

  configLoaded(result: 'loaded' | 'refused'): void {
    this.#instruments.configLoads.inc({ result });
  }

  /** Prometheus text format. */
  async scrape(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  #observeAttempts({ attempts }: RequestRecord, alias: string): void {
    for (const { provider, credential, failure } of attempts) {
      const key = `${alias}\n${credential}`;
      const counter = remember(this.#attempts, key, () =>
        this.#instruments.attempts.of({ alias, credential, provider }),
      );
      counter.inc();
      if (failure !== undefined)
        this.#instruments.failures.inc({ alias, credential, provider, reason: failure });
    }
  }

  #observeTroubles(record: RequestRecord): void {
    const { errors, limited, cache, wouldHave } = this.#instruments;
    for (const decision of record.wouldHave) wouldHave.inc({ decision });
    const { error: code, limitedBy: limit, cache: result } = record;
    if (code) remember(this.#errors, code, () => errors.of({ code })).inc();
    if (result) remember(this.#cache, result, () => cache.of({ result })).inc();
    if (limit !== undefined) remember(this.#limited, limit, () => limited.of({ limit })).inc();
  }
}

interface Labels {
  alias: string;
  provider: string;
  endpoint: string;
  status: string;
  outcome: string;
}

function seriesKey({ alias, provider, endpoint, status, outcome }: Labels): string {
  return `${alias}\n${provider}\n${endpoint}\n${status}\n${outcome}`;
}

function labelsOf(record: RequestRecord): Labels {
  return {
    alias: record.alias?.id ?? UNKNOWN,
    provider: record.attempts.at(-1)?.provider ?? 'none',
    endpoint: record.endpoint,
    status: String(record.status),
    outcome: record.outcome,
  };
}

function bindSeries(instruments: Instruments, labels: Labels) {
  const { alias, provider, endpoint } = labels;
  const genAI = {
    gen_ai_operation_name: OPERATIONS[endpoint] ?? endpoint,
    gen_ai_provider_name: PROVIDERS[provider]?.telemetryName ?? provider,
    gen_ai_request_model: alias,
  };
  return {
    requests: instruments.requests.of({ ...labels }),
    duration: instruments.duration.of(genAI),
    firstToken: instruments.firstToken.of(genAI),
    input: instruments.tokens.of({ ...genAI, gen_ai_token_type: 'input' }),
    output: instruments.tokens.of({ ...genAI, gen_ai_token_type: 'output' }),
  };
}
