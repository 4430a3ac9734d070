import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { load } from 'js-yaml';
import { KINDS } from '../../core/resources/kinds.ts';
import { judge, type HealthCheck } from './judge.ts';
import { inCluster, type ClusterObject } from './objects.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples/gitops');
const yamlOf = (path: string): unknown => load(readFileSync(join(EXAMPLES, path), 'utf8'));

const scripts = (yamlOf('argocd/argocd-cm.yaml') as { data: Record<string, string> }).data;
const { healthCheckExprs } = (yamlOf('flux/gateway.yaml') as { spec: { healthCheckExprs: HealthCheck[] } })
  .spec;

const apiVersion = 'modelgate.dev/v1alpha1';
const WORLD = `
apiVersion: ${apiVersion}
kind: ProviderCredential
metadata: {name: mock, namespace: team}
spec: {provider: Mock}
---
apiVersion: ${apiVersion}
kind: ModelAlias
metadata: {name: chat, namespace: team}
spec: {targets: [{credentialRef: {name: mock}, model: echo}]}
---
apiVersion: ${apiVersion}
kind: CallerKey
metadata: {name: app, namespace: team}
spec: {sha256: ${'a'.repeat(64)}, aliases: [chat]}
---
apiVersion: ${apiVersion}
kind: TrafficPolicy
metadata: {name: fair, namespace: team}
spec: {limits: [{name: rpm, requests: 1, per: Minute}]}
`;

const key = (name: string, spec: string): string => `---
apiVersion: ${apiVersion}
kind: CallerKey
metadata: {name: ${name}, namespace: team}
spec: {${spec}}
`;
const hash = (digit: string): string => `sha256: ${digit.repeat(64)}`;

interface Case {
  name: string;
  object: ClusterObject | undefined;
  argo: string;
  kstatus: string;
  /** Where it differs from kstatus. */
  flux?: string;
  message: RegExp;
}

const healthy = inCluster(WORLD);
const loading = inCluster(WORLD, { progress: { programmed: 1, settled: false } });
const alone = inCluster(WORLD, { progress: { ready: 0, programmed: 0, settled: false } });
const broken = inCluster(
  [
    WORLD.replace('provider: Mock', 'provider: OpenAICompatible, baseURL: "http://169.254.169.254/v1"'),
    key('lost', `${hash('b')}, aliases: [no-such-alias]`),
    key('making', 'generate: {secretName: making-modelgate}, aliases: []'),
    key('off', `${hash('c')}, aliases: [], disabled: true`),
    key('old', `${hash('d')}, aliases: [], expiresAt: "2020-01-01T00:00:00Z"`),
  ].join(''),
  { underWay: ['making'] },
);

const withStatus = (status: object | undefined): ClusterObject => {
  const { status: _, ...object } = healthy.get('CallerKey/app')!;
  return { ...object, ...(status && { status }) };
};
const edited = (): ClusterObject => {
  const object = healthy.get('ModelAlias/chat')!;
  return { ...object, metadata: { ...object.metadata, generation: 2 } };
};

const [Healthy, Progressing, Degraded, Suspended] = [
  'Healthy',
  'Progressing',
  'Degraded',
  'Suspended',
] as const;
const [Current, InProgress, Failed] = ['Current', 'InProgress', 'Failed'] as const;

const CASES: Case[] = [
  ...[...healthy].map(([id, object]): Case => ({
    name: `${id}, served`,
    object,
    argo: Healthy,
    kstatus: Current,
    message: /in use/,
  })),
  ...[...loading].map(([id, object]): Case => ({
    name: `${id}, still loaded by a proxy`,
    object,
    argo: Progressing,
    kstatus: InProgress,
    message: /not all proxies/,
  })),
  {
    name: 'no proxy',
    object: alone.get('ModelAlias/chat'),
    argo: Progressing,
    kstatus: InProgress,
    message: /no proxy is running/,
  },
  {
    name: 'just created: the status that the API server sets',
    object: withStatus({ observedGeneration: -1 }),
    argo: Progressing,
    kstatus: InProgress,
    message: /not seen this generation/,
  },
  {
    name: 'no status at all, from before the CRD had that default',
    object: withStatus(undefined),
    argo: Progressing,
    kstatus: Current,
    flux: 'Unknown',
    message: /not seen this generation/,
  },
  {
    name: 'edited, and not seen since',
    object: edited(),
    argo: Progressing,
    kstatus: InProgress,
    message: /not seen this generation/,
  },
  {
    name: 'refused',
    object: broken.get('ProviderCredential/mock'),
    argo: Degraded,
    kstatus: Failed,
    message: /link-local/,
  },
  {
    name: 'refers to what is refused',
    object: broken.get('ModelAlias/chat'),
    argo: Degraded,
    kstatus: Failed,
    message: /ProviderCredential "team\/mock" cannot be used/,
  },
  {
    name: 'refers to what is not there',
    object: broken.get('CallerKey/lost'),
    argo: Degraded,
    kstatus: Failed,
    message: /no-such-alias/,
  },
  {
    name: 'its key is being made',
    object: broken.get('CallerKey/making'),
    argo: Progressing,
    kstatus: InProgress,
    message: /./,
  },
  {
    name: 'switched off',
    object: broken.get('CallerKey/off'),
    argo: Suspended,
    kstatus: InProgress,
    flux: Current,
    message: /disabled/,
  },
  {
    name: 'expired',
    object: broken.get('CallerKey/old'),
    argo: Degraded,
    kstatus: InProgress,
    flux: Failed,
    message: /expire|passed/i,
  },
];

test('there is a script for each kind, and they are one', () => {
  const keys = KINDS.map(({ kind }) => `resource.customizations.health.modelgate.dev_${kind}`);
  assert.deepEqual(Object.keys(scripts).toSorted(), keys.toSorted());
  assert.equal(new Set(Object.values(scripts)).size, 1);
});

describe('Argo CD and Flux see what is', () => {
  let verdict: Awaited<ReturnType<typeof judge>>;
  before(async () => {
    const script = Object.values(scripts)[0]!;
    verdict = await judge({ script, exprs: healthCheckExprs, objects: CASES.map(({ object }) => object!) });
  });
  for (const [i, { name, argo, kstatus, flux = kstatus, message }] of CASES.entries()) {
    test(name, () => {
      const judged = verdict.judgements[i]!;
      assert.deepEqual([judged.argo!.status, judged.kstatus.status, judged.flux], [argo, kstatus, flux]);
      assert.match(judged.argo!.message, message);
    });
  }
});
