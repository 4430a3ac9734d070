import { EVENTS } from '../kube/api-resources.ts';
import type { KubeWriter } from '../kube/client.ts';
import type { KubeObject } from '../kube/object.ts';
import { microTime } from '../leases/lease.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { WorkQueue } from '../kube/work-queue.ts';
import type { EventDraft } from './event.ts';

export interface RecorderOptions {
  writer: KubeWriter;
  /** Of this process. */
  instance: string;
  metrics: Metrics;
}

/** One reason on one object is told at most this often; in between it is counted. */
const ONCE_IN = 600_000;
/** The API server forgets events after an hour; so do we. */
const FORGOTTEN_AFTER = 3_600_000;
const MOST_WAITING = 1_000;
/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
const LONGEST_NOTE = 1_024;

interface Series {
  draft: EventDraft;
  /** The name of the event, once it was written. */
  name: string | undefined;
  count: number;
  toldAt: number;
  lastAt: number;
}

/** Writes events, repeated ones as a series. Losing one is no reason to fail. */
export class EventRecorder {
  readonly #options: RecorderOptions;
  readonly #series = new Map<string, Series>();
  readonly #queue: WorkQueue;

  constructor(options: RecorderOptions) {
    this.#options = options;
    const work = (key: string): Promise<void> => this.#write(key).catch(() => this.#drop(key));
    this.#queue = new WorkQueue({ atOnce: 2, work, failed: () => {} });
  }

  record(draft: EventDraft): void {
    const now = Date.now();
    const { kind, namespace, name, uid = '' } = draft.regarding;
    const key = [kind, namespace, name, uid, draft.reason].join('/');
    const before = this.#series.get(key);
    const series = before ?? { draft, name: undefined, count: 0, toldAt: -Infinity, lastAt: 0 };
    series.draft = draft;
    series.count += 1;
    series.lastAt = now;
    this.#series.set(key, series);
    if (now - series.toldAt < ONCE_IN) return;
    if (this.#queue.size >= MOST_WAITING) return this.#options.metrics.eventWritten('dropped');
    series.toldAt = now;
    this.#queue.add(key);
    this.#forgetOld(now);
  }

  stop(): void {
    this.#queue.stop();
  }

  async #write(key: string): Promise<void> {
    const series = this.#series.get(key);
    if (series === undefined) return;
    const { writer, metrics } = this.#options;
    const { namespace } = series.draft.regarding;
    if (series.name === undefined) {
      const event = this.#event(series);
      await writer.create(EVENTS, event);
      series.name = event.metadata.name;
    } else {
      const { count, lastAt } = series;
      const patch = { series: { count, lastObservedTime: microTime(lastAt) }, note: noteOf(series.draft) };
      await writer.patch(EVENTS, { namespace, name: series.name }, patch);
    }
    metrics.eventWritten('ok');
  }

  /** The next one begins a new event: the old one may be gone. */
  #drop(key: string): void {
    const series = this.#series.get(key);
    if (series) series.name = undefined;
    this.#options.metrics.eventWritten('error');
  }

  #event({ draft, lastAt }: Series): KubeObject {
    const { regarding, type, reason, action } = draft;
    const { apiVersion, kind } = EVENTS;
    // Like client-go: the object's name and the moment, in hexadecimal nanoseconds.
    const name = `${regarding.name}.${(BigInt(lastAt) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n)).toString(16)}`;
    return {
      apiVersion,
      kind,
      metadata: { namespace: regarding.namespace, name },
      eventTime: microTime(lastAt),
      reportingController: 'modelgate.dev/operator',
      reportingInstance: this.#options.instance,
      regarding,
      type,
      reason,
      action,
      note: noteOf(draft),
    };
  }

  #forgetOld(now: number): void {
    for (const [key, { lastAt }] of this.#series) {
      if (now - lastAt < FORGOTTEN_AFTER) return;
      this.#series.delete(key);
    }
  }
}

function noteOf({ note }: EventDraft): string {
  return note.length <= LONGEST_NOTE ? note : `${note.slice(0, LONGEST_NOTE - 1)}…`;
}
