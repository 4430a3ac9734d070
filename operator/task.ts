import type { Logger } from 'pino';
import type { Input, Status } from '../core/compile/index.ts';
import type { Problem } from '../core/compile/statuses.ts';
import type { Config } from '../core/config/config.ts';
import type { Resource } from '../core/resources/kinds.ts';
import type { EventDraft } from './events/event.ts';
import type { KubeReader, KubeWriter } from './kube/client.ts';
import type { ObjectMeta } from './kube/object.ts';

/** A Secret that some resource refers to. */
export interface SecretValue {
  metadata: ObjectMeta;
  /** Decoded. Never to be logged, nor put into a status or an event. */
  data: Readonly<Record<string, string>>;
}

/** The world of one reconcile. */
export interface TaskWorld {
  /** Every resource that can be read, whether or not compile accepts it. */
  resources: readonly Resource[];
  /** A Secret by `namespace/name`, if a resource refers to it (also by `generate.secretName`) and it exists. */
  secret(id: string): SecretValue | undefined;
  /** Metadata, without annotations, of any Secret in the namespaces that are watched, referenced or not. */
  secretMetadata(id: string): ObjectMeta | undefined;
  /** Milliseconds since the epoch. */
  now: number;
}

/** What a task sees, and may do, when it runs. */
export interface TaskInput extends TaskWorld {
  /** What compile says of each resource. */
  statuses: readonly Status[];
  /** The configuration that is published, and how many were before it. */
  config: Config;
  publication: number;
  /** The newest publication that every proxy that runs has loaded; Infinity when none runs. */
  everywhere: number;
  /** Refuses with NotLeader the moment that this process no longer leads. */
  writer: KubeWriter;
  record(event: EventDraft): void;
}

/** What a task has to say about resources, each by `Kind/namespace/name`. */
export interface TaskOutcome {
  /** Members of `status` beyond the common ones, such as `prefix`. Those not named here are removed. */
  fields?: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Makes `ResolvedRefs` False. */
  problems?: ReadonlyMap<string, Problem>;
  /** Objects whose reference is missing because the task is about to make it: they reconcile and are not stalled. */
  underWay?: ReadonlySet<string>;
  /** When to run again although nothing changed; milliseconds since the epoch. */
  wakeAt?: number;
}

/** What a task gets that looks at something else than resources and Secrets. */
export interface TaskStart {
  client: KubeReader;
  log: Logger;
  signal: AbortSignal;
  /** What `input` says is different now: asks for a reconcile. */
  changed(): void;
}

/**
 * Work that goes with every reconcile. `run` is called of the leader only, after the configuration is published; it
 * compares what is with what should be, and writes the difference. What it writes is seen by a watch, which brings
 * the next reconcile. Runs do not overlap, and nothing waits for them: a reconcile in the meantime brings one more
 * run at the end. An error is logged, and the run is tried again later.
 */
export interface Task {
  readonly name: string;
  /** Called once, of followers too. Nothing is compiled before it resolves. */
  start?(around: TaskStart): Promise<void>;
  /** Secrets, by `namespace/name`, that are wanted beside those that resources refer to. */
  secrets?(resources: readonly Resource[]): Iterable<string>;
  /** What compile is told beyond resources and Secrets. Quick and without side effects: followers call it too. */
  input?(world: TaskWorld): Partial<Input>;
  run(input: TaskInput): Promise<TaskOutcome>;
}
