import type { MetricObject, MetricValueWithName, Registry } from 'prom-client';
import { remember } from '../runtime/remember.ts';

/**
 * Counters and histograms for the hot path: prom-client hashes the labels of every observation, which costs more
 * than routing a request. Here a caller keeps the series of its labels, and counting is an addition. prom-client
 * only writes them out.
 */
type Labels = Readonly<Record<string, string>>;
type Written = Pick<MetricObject, 'name' | 'help' | 'type' | 'aggregator'> & {
  values: Partial<MetricValueWithName<string>>[];
};

interface Described {
  name: string;
  help: string;
}

abstract class Family<Series> {
  readonly name: string;
  readonly #help: string;
  readonly #type: string;
  readonly #series = new Map<string, { labels: Labels; series: Series }>();

  constructor({ name, help }: Described, type: string, registry: Registry) {
    this.name = name;
    this.#help = help;
    this.#type = type;
    // What a registry needs of a metric is its name and `get`; its type wants one of its own classes.
    registry.registerMetric(this as never);
  }

  /** The series of these labels. Keep it: looking it up costs. */
  of(labels: Labels): Series {
    return remember(this.#series, JSON.stringify(labels), () => ({ labels, series: this.make() })).series;
  }

  get(): Written {
    const values = [...this.#series.values()].flatMap(({ labels, series }) => this.write(series, labels));
    return { name: this.name, help: this.#help, type: this.#type as never, aggregator: 'sum', values };
  }

  protected abstract make(): Series;
  protected abstract write(series: Series, labels: Labels): Written['values'];
}

export class Tally {
  value = 0;

  inc(): void {
    this.value++;
  }
}

export class CounterFamily extends Family<Tally> {
  constructor(described: Described, registry: Registry) {
    super(described, 'counter', registry);
  }

  protected make(): Tally {
    return new Tally();
  }

  protected write({ value }: Tally, labels: Labels): Written['values'] {
    return [{ value, labels, metricName: this.name }];
  }
}

export class Distribution {
  readonly bounds: readonly number[];
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let i = 0;
    while (i < this.bounds.length && value > this.bounds[i]!) i++;
    this.counts[i]!++;
    this.sum += value;
  }
}

export class HistogramFamily extends Family<Distribution> {
  readonly #bounds: readonly number[];

  /** @param bounds upper bounds of the buckets, ascending; +Inf is added */
  constructor(described: Described, bounds: readonly number[], registry: Registry) {
    super(described, 'histogram', registry);
    this.#bounds = bounds;
  }

  protected make(): Distribution {
    return new Distribution(this.#bounds);
  }

  protected write({ counts, sum }: Distribution, labels: Labels): Written['values'] {
    let total = 0;
    const buckets = [...this.#bounds.map(String), '+Inf'].map((le, i) => {
      total += counts[i]!;
      return { value: total, labels: { ...labels, le }, metricName: `${this.name}_bucket` };
    });
    return [
      ...buckets,
      { value: sum, labels, metricName: `${this.name}_sum` },
      { value: total, labels, metricName: `${this.name}_count` },
    ];
  }
}
