import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Condition } from '../../core/resources/conditions.ts';
import { assemble } from '../../core/publish/assemble.ts';
import { parseManifest } from '../../core/publish/manifest.ts';
import { MANIFEST_KEY, MANIFEST_NAME, SHARD_KEY } from '../../core/publish/names.ts';
import type { Config } from '../../core/config/config.ts';
import { API_VERSION, KINDS } from '../../core/resources/kinds.ts';
import { eventually } from './eventually.ts';
import { NAMESPACE, type Platform, type Process } from './platform.ts';

/** A resource as the cluster has it. */
export interface Live {
  metadata: { name: string; namespace: string; generation: number; resourceVersion: string };
  status?: {
    observedGeneration?: number;
    conditions?: (Condition & { lastTransitionTime: string; observedGeneration: number })[];
    proxies?: { ready: number; programmed: number; revision?: string };
  };
}

type Kind = (typeof KINDS)[number]['kind'];

const plural = (kind: Kind): string => KINDS.find((one) => one.kind === kind)!.plural;
export const TEAM = 'team';

export const namespaceYaml = (name: string, labels: object = {}): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });

const object = (kind: Kind, name: string, spec: object, namespace = TEAM): string =>
  JSON.stringify({ apiVersion: API_VERSION, kind, metadata: { name, namespace }, spec });

export const secretYaml = (name: string, value: string, namespace = TEAM): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    stringData: { key: value },
  });

/** A provider whose key is in the Secret of its name. */
export const credentialYaml = (name: string, more: object = {}, namespace = TEAM): string =>
  object(
    'ProviderCredential',
    name,
    { provider: 'OpenAI', auth: { apiKey: { secretRef: { name, key: 'key' } } }, ...more },
    namespace,
  );

export const aliasYaml = (name: string, credential: object, more: object = {}): string =>
  object('ModelAlias', name, { targets: [{ credentialRef: credential, model: 'gpt-5-mini' }], ...more });

export const callerYaml = (name: string, key: string, aliases: readonly string[]): string =>
  object('CallerKey', name, { sha256: hash('sha256', key, 'hex'), aliases });

/** An API server, the operator's rights, and what the operator writes. */
export class OperatorLab {
  readonly platform: Platform;

  constructor(platform: Platform) {
    this.platform = platform;
  }

  async get(kind: Kind, name: string, namespace = TEAM): Promise<Live> {
    const path = `/apis/${API_VERSION}/namespaces/${namespace}/${plural(kind)}/${name}`;
    const { status, body } = await this.platform.cluster.api(path);
    assert.equal(status, 200, JSON.stringify(body));
    return body as Live;
  }

  /** All of a kind, from an API server that may have just started and not serve it yet. */
  async list(kind: Kind): Promise<Live[]> {
    const { body } = await eventually(
      () => this.platform.cluster.api(`/apis/${API_VERSION}/${plural(kind)}`),
      ({ status }) => status === 200,
    );
    return (body as { items: Live[] }).items;
  }

  /** Waits until the current generation was looked at and the condition is so. */
  async condition(kind: Kind, name: string, type: string, status: string): Promise<Condition> {
    const found = await eventually(
      async () => {
        const { metadata, status: now } = await this.get(kind, name);
        const condition = now?.conditions?.find((one) => one.type === type);
        return { generation: metadata.generation, observed: now?.observedGeneration, condition };
      },
      ({ generation, observed, condition }) => observed === generation && condition?.status === status,
    );
    return found.condition!;
  }

  /** What is published, checked as a proxy checks it; undefined while there is nothing. */
  async published(): Promise<Config | undefined> {
    const { cluster } = this.platform;
    const { status, body } = await cluster.api(`/api/v1/namespaces/${NAMESPACE}/secrets`);
    if (status !== 200) return undefined;
    const { items } = body as { items: { metadata: { name: string }; data?: Record<string, string> }[] };
    const of = (name: string, key: string): Buffer =>
      Buffer.from(items.find((one) => one.metadata.name === name)?.data?.[key] ?? '', 'base64');
    const text = of(MANIFEST_NAME, MANIFEST_KEY).toString();
    if (text === '') return undefined;
    const manifest = parseManifest(text);
    return assemble(manifest, new Map(manifest.shards.map((name) => [name, of(name, SHARD_KEY)])));
  }

  /** Waits until what is published is so. */
  async publishedWith(isSo: (config: Config) => boolean): Promise<Config> {
    const config = await eventually(
      () => this.published(),
      (now) => now !== undefined && isSo(now),
    );
    return config!;
  }

  async metric(operator: Process, name: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${operator.adminPort}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    return Number(line?.split(' ').at(-1) ?? 0);
  }

  /** Writes of operators, Leases apart: who, when, what. */
  writes(): { who: string; at: string; what: string }[] {
    return readFileSync(this.platform.cluster.auditLog, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"userAgent":"modelgate-operator/'))
      .map((line) => JSON.parse(line) as AuditEvent)
      .filter(({ objectRef }) => objectRef.resource !== 'leases')
      .map(({ userAgent, requestReceivedTimestamp, verb, objectRef }) => ({
        who: userAgent.split('/')[1]!,
        at: requestReceivedTimestamp,
        what: `${verb} ${objectRef.resource}/${objectRef.name}`,
      }))
      .toSorted((a, b) => (a.at < b.at ? -1 : 1));
  }

  /** The process that holds the operators' Lease; empty when nobody does. */
  async leader(): Promise<string> {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/modelgate-operator`;
    const { body } = await this.platform.cluster.api(path);
    const { spec } = body as { spec?: { holderIdentity?: string } };
    return spec?.holderIdentity?.split('_')[0] ?? '';
  }
}

interface AuditEvent {
  userAgent: string;
  requestReceivedTimestamp: string;
  verb: string;
  objectRef: { resource: string; name: string };
}
