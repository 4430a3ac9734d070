import assert from 'node:assert/strict';
import { compile } from '../../core/compile/index.ts';
import type { CallerKey } from '../../core/resources/kinds.ts';
import { parseResource } from '../../core/resources/parse.ts';
import { CallerKeys } from '../../operator/caller-keys/caller-keys.ts';
import { ApiError } from '../../operator/kube/api-error.ts';
import type { KubeWriter, Place } from '../../operator/kube/client.ts';
import type { KubeObject } from '../../operator/kube/object.ts';
import type { SecretValue, TaskInput, TaskOutcome } from '../../operator/task.ts';

export const BASE_URL = 'http://modelgate-proxy.gateway.svc/v1';
export const START = Date.UTC(2026, 10, 24);
export const ID = 'shop/web';
export const SECRET_ID = 'shop/web-key';

interface Patch {
  metadata: {
    resourceVersion?: string;
    annotations?: Record<string, string>;
    labels?: Record<string, string>;
  };
  data?: Record<string, string>;
}

/** A cluster of one CallerKey, with an operator and proxies whose progress the test decides. */
export class OneCaller {
  now = START;
  /** Whether proxies run, and have whatever was published. */
  proxies: 'none' | 'current' | 'behind' = 'current';
  task = new CallerKeys(BASE_URL);
  readonly events: string[] = [];
  readonly secrets = new Map<string, SecretValue & { object: KubeObject }>();
  failure: Error | undefined;
  caller: CallerKey;
  #version = 1;
  #publication = 0;

  constructor(generate: object = {}, spec: object = {}) {
    const parsed = parseResource(
      {
        apiVersion: 'modelgate.dev/v1alpha1',
        kind: 'CallerKey',
        metadata: { name: 'web', namespace: 'shop', uid: 'uid-1' },
        spec: { generate: { secretName: 'web-key', ...generate }, ...spec },
      },
      { strict: true },
    );
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    this.caller = parsed.resource as CallerKey;
  }

  annotate(annotations: Record<string, string>): void {
    this.caller = { ...this.caller, metadata: { ...this.caller.metadata, annotations } };
  }

  put(object: KubeObject): void {
    const { name, namespace } = object.metadata;
    const metadata = { ...object.metadata, resourceVersion: String(++this.#version) };
    const entries = Object.entries((object['data'] ?? {}) as Record<string, string>);
    const data = Object.fromEntries(
      entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    );
    this.secrets.set(`${namespace}/${name}`, { metadata, data, object: { ...object, metadata } });
  }

  /** One reconcile: compile, publish, run. */
  async reconcile(): Promise<TaskOutcome> {
    const world = this.#world();
    const { config, statuses } = compile({
      resources: [this.caller],
      secrets: Object.fromEntries([...this.secrets].map(([id, { data }]) => [id, data])),
      namespaces: {},
      now: this.now,
      ...this.task.input(world),
    });
    this.#publication += 1;
    const everywhere = { none: Infinity, current: this.#publication, behind: this.#publication - 1 }[
      this.proxies
    ];
    const { writer } = this;
    const record: TaskInput['record'] = ({ reason }) => void this.events.push(reason);
    return this.task.run({
      ...world,
      config,
      statuses,
      publication: this.#publication,
      everywhere,
      writer,
      record,
    });
  }

  /** Reconciles until nothing is left to be done now. */
  async settle(): Promise<TaskOutcome> {
    for (;;) {
      const before = [this.#version, this.caller];
      const outcome = await this.reconcile();
      const waits = outcome.wakeAt === this.now + 100;
      if (!waits && before[0] === this.#version && before[1] === this.caller) return outcome;
      if (this.proxies === 'behind' && before[0] === this.#version) return outcome;
    }
  }

  /** Hashes that compile lets in now, each with its end. */
  accepted(): Record<string, number | undefined> {
    const { config } = compile({
      resources: [this.caller],
      secrets: Object.fromEntries([...this.secrets].map(([id, { data }]) => [id, data])),
      namespaces: {},
      now: this.now,
      ...this.task.input(this.#world()),
    });
    return Object.fromEntries(
      (config.callers[ID]?.keys ?? []).map(({ sha256, expiresAt }) => [sha256, expiresAt]),
    );
  }

  get key(): string {
    return this.secrets.get(SECRET_ID)!.data['MODELGATE_API_KEY']!;
  }

  readonly writer: KubeWriter = {
    get: () => assert.fail('nothing is to be read'),
    apply: () => assert.fail('nothing is to be applied'),
    update: () => assert.fail('nothing is to be replaced'),
    remove: () => assert.fail('nothing is to be removed'),
    create: async (_resource, object) => {
      this.#mayFail();
      if (this.secrets.has(`${object.metadata.namespace}/${object.metadata.name}`)) {
        throw new ApiError('POST', 409, { reason: 'AlreadyExists' });
      }
      this.put(object);
      return object;
    },
    patch: async ({ kind }, place, patch) => {
      this.#mayFail();
      return kind === 'CallerKey'
        ? this.#patchCaller(patch as Patch)
        : this.#patchSecret(place, patch as Patch);
    },
  };

  #mayFail(): void {
    if (this.failure) throw this.failure;
  }

  #patchCaller({ metadata: { annotations } }: Patch): KubeObject {
    this.annotate({ ...this.caller.metadata.annotations, ...annotations });
    return this.caller as unknown as KubeObject;
  }

  #patchSecret({ namespace, name }: Place, { metadata, data }: Patch): KubeObject {
    const { object } = this.secrets.get(`${namespace}/${name}`)!;
    assert.equal(
      metadata.resourceVersion,
      object.metadata.resourceVersion,
      'only what was looked at is changed',
    );
    this.put({
      ...object,
      metadata: {
        ...object.metadata,
        labels: { ...object.metadata.labels, ...metadata.labels },
        annotations: { ...object.metadata.annotations, ...metadata.annotations },
      },
      data: { ...(object['data'] as object), ...data },
    });
    return object;
  }

  #world() {
    return {
      resources: [this.caller],
      secret: (id: string) => this.secrets.get(id),
      secretMetadata: (id: string) => this.secrets.get(id)?.metadata,
      now: this.now,
    };
  }
}
