import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '../e2e/eventually.ts';
import { NAMESPACE, Platform } from '../e2e/platform.ts';
import { pick, render, type Rendered } from './chart.ts';

/** Every request of a ServiceAccount of ours, also those that only read. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', userGroups: [`system:serviceaccounts:${NAMESPACE}`] }, { level: 'None' }],
};

const RESOURCES = `
apiVersion: v1
kind: Secret
metadata: {name: openai, namespace: mine}
stringData: {apiKey: not-a-key}
---
apiVersion: modelgate.dev/v1alpha1
kind: ProviderCredential
metadata: {name: openai, namespace: mine}
spec: {provider: OpenAI, auth: {apiKey: {secretRef: {name: openai, key: apiKey}}}}
---
apiVersion: modelgate.dev/v1alpha1
kind: ModelAlias
metadata: {name: chat, namespace: mine}
spec:
  targets: [{credentialRef: {name: openai}, model: gpt-5-mini}]
---
apiVersion: modelgate.dev/v1alpha1
kind: CallerKey
metadata: {name: shop, namespace: mine}
spec: {generate: {secretName: shop-modelgate}, aliases: [chat]}
---
apiVersion: modelgate.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: shop, namespace: mine}
spec: {limits: [{name: rpm, requests: 600, per: Minute}]}
`;

/** Rights whose use takes too long for a test. */
const NOT_SEEN: Record<string, string> = {
  'operator: patch events': 'an event that repeats is told of again after ten minutes',
};

let platform: Platform;
let folder: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'modelgate-audit-'));
  const policy = join(folder, 'policy.json');
  writeFileSync(policy, JSON.stringify(AUDIT_POLICY));
  platform = await Platform.start({ apiArgs: [`--audit-policy-file=${policy}`] });
});
after(async () => {
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
});

const programmed = (...what: string[]) =>
  platform.kubectl('wait', '--for=condition=Programmed', '--timeout=30s', '-n', 'mine', ...what);

const describe = (text: string) => {
  const patch = JSON.stringify({ spec: { description: text } });
  return platform.kubectl('patch', 'malias', 'chat', '-n', 'mine', '--type=merge', '-p', patch);
};

const keyOf = () =>
  platform.kubectl(
    'get',
    'secret',
    'shop-modelgate',
    '-n',
    'mine',
    '-o',
    'jsonpath={.data.MODELGATE_API_KEY}',
  );

test('operator and proxy use all of the rights that the chart gives them, and no others', async () => {
  const [operator] = await Promise.all([platform.startOperator('operator'), platform.startProxy('proxy')]);
  await platform.kubectl('create', 'namespace', 'mine');
  await platform.apply(RESOURCES);
  await programmed('malias/chat', 'ckey/shop');
  const key = await keyOf();
  await platform.kubectl('annotate', 'ckey', 'shop', '-n', 'mine', 'modelgate.dev/rotate=now');
  await eventually(keyOf, (now) => now !== key);
  // Shards of a configuration that two others came after are removed.
  for (const text of ['one', 'two', 'three']) {
    await describe(text);
    await programmed('malias/chat');
  }
  // Whoever leads lets go.
  operator.kill('SIGTERM');
  await operator.exit;
  const granted = rightsIn(await render(4));
  await eventually(
    () => Promise.resolve(granted.filter((right) => !used().has(right) && !(right in NOT_SEEN))),
    (unused) => unused.length === 0,
    15_000,
  );
  assert.deepEqual(
    [...used()].filter((right) => !granted.includes(right)),
    [],
  );
});

interface Role extends Rendered {
  rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
}

/** `operator: patch modelaliases/status`, wherever that is granted. */
function rightsIn(objects: readonly Rendered[]): string[] {
  const roles: [string, Rendered][] = [
    ['operator', pick(objects, 'ClusterRole')],
    ['operator', pick(objects, 'Role', '-operator')],
    ['proxy', pick(objects, 'Role', '-proxy')],
  ];
  const rights = roles.flatMap(([who, role]) =>
    (role as Role).rules.flatMap(({ resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => `${who}: ${verb} ${resource}`)),
    ),
  );
  return [...new Set(rights)];
}

interface AuditEvent {
  verb: string;
  user: { username: string };
  objectRef?: { resource: string; subresource?: string };
  annotations?: Record<string, string>;
}

/** What the API server has let them do so far. */
function used(): Set<string> {
  const lines = readFileSync(platform.cluster.auditLog, 'utf8').split('\n').slice(0, -1);
  const rights = lines.flatMap((line) => {
    const { verb, user, objectRef, annotations } = JSON.parse(line) as AuditEvent;
    const who = /:modelgate-(operator|proxy)$/.exec(user.username)?.[1];
    if (who === undefined || annotations?.['authorization.k8s.io/decision'] !== 'allow' || !objectRef)
      return [];
    const { resource, subresource } = objectRef;
    return [`${who}: ${verb} ${subresource === undefined ? resource : `${resource}/${subresource}`}`];
  });
  return new Set(rights);
}
