import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startCluster, type Cluster } from '../cluster/index.ts';
import { CHART, VALUES } from './chart.ts';

let cluster: Cluster;
before(async () => {
  cluster = await startCluster();
  for (const name of ['mg', 'platform', 'shop', 'other'])
    await cluster.kubectl(['create', 'namespace', name]);
  await cluster.helm(4, ['install', 'gw', CHART, '-n', 'mg']);
  const few = ['--set', 'crds.enabled=false,operator.watchNamespaces={platform,shop}'];
  await cluster.kubectl(['create', 'namespace', 'few']);
  const { code, stderr } = await cluster.helm(4, ['install', 'few', CHART, '-n', 'few', ...few]);
  assert.equal(code, 0, stderr);
});
after(() => cluster.stop());

interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

/** What a ServiceAccount may do in a namespace, beyond what Kubernetes lets every account do; sorted lines. */
async function rights(account: string, namespace: string): Promise<string[]> {
  const [home, name] = account.split('/') as [string, string];
  const token = await cluster.tokenFor(home, name);
  const { body } = await cluster.api('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
    method: 'POST',
    token,
    body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } },
  });
  const { resourceRules } = (body as { status: { resourceRules: Rule[] } }).status;
  const lines = resourceRules
    .filter(({ apiGroups }) => !/^(authorization|authentication)\.k8s\.io$/.test(apiGroups.join()))
    .flatMap(({ resources, verbs, resourceNames }) =>
      resources.map(
        (resource) => `${[resource, ...(resourceNames ?? [])].join(' ')}: ${verbs.toSorted().join(' ')}`,
      ),
    );
  return lines.toSorted();
}

const OWN = ['callerkeys', 'modelaliases', 'providercredentials', 'trafficpolicies'];
const ON_RESOURCES = [
  'callerkeys: patch',
  'events: create patch',
  ...OWN.flatMap((kind) => [`${kind}/status: patch`, `${kind}: list watch`]),
  'secrets: create get list patch watch',
];

test('the proxy may read the configuration and say what it serves, and nothing else', async () => {
  const proxy = 'mg/gw-modelgate-proxy';
  assert.deepEqual(await rights(proxy, 'mg'), ['leases: create get update', 'secrets: get list watch']);
  assert.deepEqual(await rights(proxy, 'shop'), []);
});

test('the operator may do what it does', async () => {
  const operator = 'mg/gw-modelgate-operator';
  const everywhere = [...ON_RESOURCES, 'namespaces: list watch'].toSorted();
  assert.deepEqual(await rights(operator, 'shop'), everywhere);
  const athome = [...everywhere, 'leases: create get list update watch', 'secrets: delete update'];
  assert.deepEqual(await rights(operator, 'mg'), athome.toSorted());
});

test('an operator for some namespaces has no right in the others', async () => {
  const operator = 'few/few-modelgate-operator';
  const namespaces = 'namespaces platform shop: list watch';
  assert.deepEqual(await rights(operator, 'other'), [namespaces]);
  for (const tenant of ['platform', 'shop']) {
    assert.deepEqual(await rights(operator, tenant), [...ON_RESOURCES, namespaces].toSorted());
  }
  assert.deepEqual(await rights(operator, 'few'), [
    'leases: create get list update watch',
    namespaces,
    'secrets: create delete get list update',
  ]);
});

test('an operator for some namespaces sees these namespaces', async () => {
  const token = await cluster.tokenFor('few', 'few-modelgate-operator');
  const statusOf = async (name: string) =>
    (await cluster.api(`/api/v1/namespaces?fieldSelector=metadata.name%3D${name}`, { token })).status;
  assert.deepEqual([await statusOf('shop'), await statusOf('other')], [200, 403]);
});

test('kubectl auth can-i --list says the same of the proxy', async () => {
  const kubeconfig = await cluster.kubeconfigFor('mg', 'gw-modelgate-proxy');
  const { stdout } = await cluster.kubectl([
    '--kubeconfig',
    kubeconfig,
    'auth',
    'can-i',
    '--list',
    '-n',
    'mg',
  ]);
  const own = stdout.split('\n').filter((line) => /^(secrets|leases)/.test(line));
  assert.deepEqual(own.map((line) => line.replaceAll(/\s+/g, ' ').trim()).toSorted(), [
    'leases.coordination.k8s.io [] [] [get create update]',
    'secrets [] [] [get list watch]',
  ]);
});

test('with all values there are the same rights', async () => {
  const account = 'operator.serviceAccount.name=,operator.serviceAccount.create=true';
  const values = ['-f', VALUES.get('tenants')!, '--set', account];
  const { code, stderr } = await cluster.helm(4, ['upgrade', 'few', CHART, '-n', 'few', ...values]);
  assert.equal(code, 0, stderr);
  assert.ok((await rights('few/gateway-operator', 'shop')).includes('secrets: create get list patch watch'));
});
