import type { Logger } from 'pino';
import { CONFIG_SECRET_TYPE, PROXY_LEASE_LABELS } from '../../core/publish/names.ts';
import { KINDS, type Kind } from '../../core/resources/kinds.ts';
import { LEASES, NAMESPACES, OWN_RESOURCES, SECRETS } from '../kube/api-resources.ts';
import type { KubeClient } from '../kube/client.ts';
import { Reflector, type Scope, type Sink } from '../kube/reflector.ts';
import { Store } from '../kube/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { readMetadata, type MetadataEntry } from './metadata-entry.ts';
import { readResource, type ResourceEntry } from './resource-entry.ts';

export interface ClusterOptions {
  client: KubeClient;
  /** Where the proxies are, and their Leases. */
  ownNamespace: string;
  /** Namespaces whose resources count; undefined for all. */
  namespaces: readonly string[] | undefined;
  /** Where Leases of proxies go. */
  proxies: Sink;
  metrics: Metrics;
  log: Logger;
  /** Something that compile looks at has changed. */
  resourceChanged: () => void;
  /** Anything has changed on this object, if only its status. */
  resourceTouched: (key: string) => void;
  secretChanged: (id: string) => void;
}

/** Not for the gateway, and large. */
const OTHER_SECRETS = ['helm.sh/release.v1', CONFIG_SECRET_TYPE].map((type) => `type!=${type}`).join(',');

/** The objects of the cluster that matter, held equal to it. Of Secrets and Namespaces only the metadata. */
export class Cluster {
  readonly resources: Readonly<Record<Kind, Store<ResourceEntry>>>;
  readonly secrets: Store<MetadataEntry>;
  readonly namespaces: Store<MetadataEntry>;
  readonly #options: ClusterOptions;
  readonly #reflectors: readonly Reflector[];

  constructor(options: ClusterOptions) {
    this.#options = options;
    const { metrics } = options;
    const resourceStore = (kind: Kind): Store<ResourceEntry> =>
      new Store({
        read: readResource,
        changed: (id, now, before) => {
          if (now?.document !== before?.document) options.resourceChanged();
          options.resourceTouched(`${kind}/${id}`);
        },
      });
    this.resources = Object.fromEntries(KINDS.map(({ kind }) => [kind, resourceStore(kind)])) as Record<
      Kind,
      Store<ResourceEntry>
    >;
    this.secrets = new Store({ read: readMetadata, changed: options.secretChanged });
    this.namespaces = new Store({
      read: readMetadata,
      changed: (_id, now, before) => {
        if (labelsOf(now) !== labelsOf(before)) options.resourceChanged();
      },
    });
    this.#reflectors = this.#scopes().map(([scope, sink]) => this.#reflector(scope, sink));
    metrics.observeObjects(() => [
      ...KINDS.map(({ kind }): [string, number] => [kind, this.resources[kind].size]),
      ['Secret', this.secrets.size],
      ['Namespace', this.namespaces.size],
    ]);
  }

  /** @returns after everything was listed once; watches go on until the signal ends them */
  async start(signal: AbortSignal): Promise<void> {
    for (const reflector of this.#reflectors) void reflector.run(signal);
    await Promise.all(this.#reflectors.map(({ synced }) => synced));
  }

  /** An object by `Kind/namespace/name`. */
  entry(key: string): ResourceEntry | undefined {
    const slash = key.indexOf('/');
    return this.resources[key.slice(0, slash) as Kind].get(key.slice(slash + 1));
  }

  *entries(): Generator<ResourceEntry> {
    for (const { kind } of KINDS) yield* this.resources[kind].values();
  }

  #scopes(): [Scope, Sink][] {
    const { ownNamespace, namespaces, proxies } = this.#options;
    const labels = Object.entries(PROXY_LEASE_LABELS).map(([name, value]) => `${name}=${value}`);
    const leases: Scope = {
      resource: LEASES,
      namespace: ownNamespace,
      select: { labelSelector: labels.join(',') },
    };
    const secrets: Scope = {
      resource: SECRETS,
      select: { fieldSelector: OTHER_SECRETS },
      metadataOnly: true,
    };
    return [
      [leases, proxies],
      ...this.#namespaceScopes().map((scope): [Scope, Sink] => [scope, this.namespaces]),
      ...(namespaces ?? [undefined]).flatMap((namespace): [Scope, Sink][] => [
        [{ ...secrets, namespace }, this.secrets],
        ...KINDS.map(({ kind }): [Scope, Sink] => [
          { resource: OWN_RESOURCES[kind], namespace },
          this.resources[kind],
        ]),
      ]),
    ];
  }

  /** By name where only some count, so that permission for these is enough. */
  #namespaceScopes(): Scope[] {
    const all: Scope = { resource: NAMESPACES, metadataOnly: true };
    const { namespaces } = this.#options;
    return (
      namespaces?.map((name) => ({ ...all, select: { fieldSelector: `metadata.name=${name}` } })) ?? [all]
    );
  }

  #reflector(scope: Scope, sink: Sink): Reflector {
    const { client, log, metrics } = this.#options;
    return new Reflector({ client, scope, sink, log, count: metrics.watch(scope.resource.kind) });
  }
}

function labelsOf(entry: MetadataEntry | undefined): string | undefined {
  return entry && JSON.stringify(entry.metadata.labels ?? {});
}
