import { compile, rememberingReader, type Input, type Status } from '../../core/compile/index.ts';
import type { Config } from '../../core/config/config.ts';
import { Egress } from '../../core/net/egress.ts';
import type { Resource } from '../../core/resources/kinds.ts';
import type { KubeObject } from '../kube/object.ts';
import { SecretReferences } from '../secrets/references.ts';
import type { SecretValues } from '../secrets/secret-values.ts';
import type { Task, TaskWorld } from '../task.ts';
import type { Cluster } from '../watch/cluster.ts';
import { LastGood } from './last-good.ts';

export interface CompilationOptions {
  cluster: Cluster;
  secrets: SecretValues;
  tasks: readonly Task[];
  /** What compile is told in every case. */
  input: Partial<Input>;
}

/** The cluster at one moment, and what it compiles to. */
export interface Compiled {
  world: TaskWorld;
  config: Config;
  statuses: readonly Status[];
  /** Objects, by `Kind/namespace/name`, that are in the configuration by an earlier form. */
  lastGood: ReadonlySet<string>;
  /** Some Secret could not be read: what was known of it before is used, and it is to be tried again. */
  incomplete: boolean;
}

/** Compiles the cluster as it is now, reading anew only what has changed. */
export class Compilation {
  readonly #options: CompilationOptions;
  readonly #references = new SecretReferences();
  readonly #read = rememberingReader();
  readonly #egress: Egress;
  readonly #lastGood: LastGood;
  #before: Config | undefined;

  constructor(options: CompilationOptions) {
    this.#options = options;
    this.#egress = new Egress(options.input.egress);
    this.#lastGood = new LastGood(this.#read, this.#egress);
  }

  async run(): Promise<Compiled> {
    const all = Array.from(this.#options.cluster.entries(), ({ document }) => document);
    const { documents, broken } = this.#lastGood.keep(all);
    const resources = documents.flatMap((document) => {
      const reading = this.#read(document, this.#egress);
      return reading.ok ? [reading.resource] : [];
    });
    const complete = await this.#refreshSecrets(documents, resources);
    const world = this.#world(resources);
    const { config, statuses } = this.#compile(documents, world);
    this.#before = config;
    return {
      world,
      config,
      statuses: broken.size === 0 ? statuses : statuses.map((status) => broken.get(keyOf(status)) ?? status),
      lastGood: new Set(broken.keys()),
      incomplete: !complete,
    };
  }

  #refreshSecrets(documents: readonly KubeObject[], resources: readonly Resource[]): Promise<boolean> {
    const { secrets, tasks } = this.#options;
    const wanted = this.#references.of(documents);
    for (const task of tasks) for (const id of task.secrets?.(resources) ?? []) wanted.add(id);
    return secrets.refresh(wanted);
  }

  #world(resources: readonly Resource[]): TaskWorld {
    const { secrets, cluster } = this.#options;
    return {
      resources,
      secret: (id) => secrets.get(id),
      secretMetadata: (id) => cluster.secrets.get(id)?.metadata,
      now: Date.now(),
    };
  }

  #compile(documents: readonly KubeObject[], world: TaskWorld): ReturnType<typeof compile> {
    const { secrets, tasks, input: always } = this.#options;
    const input: Input = {
      ...always,
      resources: documents,
      read: this.#read,
      secrets: secrets.all(),
      namespaces: this.#namespaces(),
      before: this.#before,
      now: world.now,
    };
    return compile(Object.assign(input, ...tasks.map((task) => task.input?.(world) ?? {})));
  }

  #namespaces(): Input['namespaces'] {
    const { namespaces } = this.#options.cluster;
    return Object.fromEntries(
      Array.from(namespaces.entries(), ([name, { metadata }]) => [name, metadata.labels ?? {}]),
    );
  }
}

function keyOf({ kind, namespace, name }: Status): string {
  return `${kind}/${namespace}/${name}`;
}
