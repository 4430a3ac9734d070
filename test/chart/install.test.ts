import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as yaml from 'js-yaml';
import { startCluster, type Cluster, type CommandResult } from '../cluster/index.ts';
import { CHART, HELM_VERSIONS, podOf, render, VALUES } from './chart.ts';

let cluster: Cluster;
before(async () => {
  cluster = await startCluster();
  for (const name of ['mg', 'elsewhere', 'platform', 'shop']) {
    await ok(cluster.kubectl(['create', 'namespace', name]));
    const level = 'pod-security.kubernetes.io/enforce=restricted';
    await ok(cluster.kubectl(['label', 'namespace', name, level, level.replace('enforce', 'warn')]));
  }
  await ok(cluster.kubectl(['apply', '-f', '-'], yaml.dump(MONITORING_KINDS)));
});
after(() => cluster.stop());

/** What it printed; throws with what it complained about. */
async function ok(result: Promise<CommandResult>): Promise<string> {
  const { code, stdout, stderr } = await result;
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}

const crd = (kind: string, plural: string) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.monitoring.coreos.com` },
  spec: {
    group: 'monitoring.coreos.com',
    scope: 'Namespaced',
    names: { kind, plural, singular: kind.toLowerCase() },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});

/** Stands in for the Prometheus operator's. */
const MONITORING_KINDS = {
  apiVersion: 'v1',
  kind: 'List',
  items: [crd('PodMonitor', 'podmonitors'), crd('PrometheusRule', 'prometheusrules')],
};

describe('a real API server', () => {
  for (const [name, file] of VALUES) {
    test(`takes every object of ${name}, and has no warning about any`, async () => {
      // The test objects are of kinds that are only there once the CRDs are.
      const objects = (await render(4, '-f', file)).filter(
        ({ apiVersion }) => apiVersion !== 'modelgate.dev/v1alpha1',
      );
      const list = yaml.dump({ apiVersion: 'v1', kind: 'List', items: objects });
      const { code, stdout, stderr } = await cluster.kubectl(['apply', '--dry-run=server', '-f', '-'], list);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      assert.equal(stdout.trim().split('\n').length, objects.length);
    });

    test(`lets the pods of ${name} into a namespace that is restricted`, async () => {
      const deployments = (await render(4, '-f', file)).filter(({ kind }) => kind === 'Deployment');
      const pods = deployments.map((deployment) => {
        const { metadata, spec } = podOf(deployment);
        // A name of its own, and an account that is there.
        const pod = { ...spec, serviceAccountName: 'default' };
        return {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { ...metadata, name: deployment.metadata.name },
          spec: pod,
        };
      });
      const list = yaml.dump({ apiVersion: 'v1', kind: 'List', items: pods });
      const created = await ok(cluster.kubectl(['create', '-n', 'mg', '--dry-run=server', '-f', '-'], list));
      assert.equal(created.match(/created \(server dry run\)/g)?.length, 2);
    });
  }
});

for (const version of HELM_VERSIONS) {
  describe(`helm ${version}`, () => {
    const helm = (...args: string[]) => ok(cluster.helm(version, args));
    const read = async (...args: string[]) => JSON.parse(await ok(cluster.kubectl([...args, '-o', 'json'])));
    const image = async () =>
      (await read('get', 'deployment', 'gw-modelgate-proxy', '-n', 'mg')).spec.template.spec.containers[0]
        .image;

    test('installs, upgrades, rolls back', async () => {
      const notes = await helm('install', 'gw', CHART, '-n', 'mg');
      assert.match(notes, /kubectl wait -n mg --for=condition=Programmed/);
      assert.match(notes, /http:\/\/gw-modelgate-proxy\.mg\.svc\/v1/);
      const installed = await image();
      await helm('upgrade', 'gw', CHART, '-n', 'mg', '--set', 'image.tag=next,proxy.replicas=4');
      assert.match(await image(), /:next$/);
      await helm('rollback', 'gw', '1', '-n', 'mg');
      assert.equal(await image(), installed);
    });

    test('waits for a release without pods', async () => {
      const none = ['--set', 'operator.replicas=0,proxy.replicas=0'];
      await helm('upgrade', 'gw', CHART, '-n', 'mg', '--wait', '--timeout', '60s', ...none);
    });

    test('upgrades to everything, and changes nothing when nothing changed', async () => {
      const file = VALUES.get('everything')!;
      await helm('upgrade', 'gw', CHART, '-n', 'mg', '-f', file);
      const versions = async () =>
        (await read('get', 'all,crd,networkpolicy,pdb,hpa,role,rolebinding,podmonitor', '-n', 'mg')).items
          .filter(
            ({ kind }: { kind: string }) =>
              !/^(Pod|ReplicaSet|Deployment|HorizontalPodAutoscaler)$/.test(kind),
          )
          .map(({ kind, metadata }: { kind: string; metadata: Record<string, unknown> }) => [
            kind,
            metadata['name'],
            metadata['resourceVersion'],
          ]);
      const once = await versions();
      await helm('upgrade', 'gw', CHART, '-n', 'mg', '-f', file);
      assert.deepEqual(await versions(), once);
    });

    test('uninstalls, and leaves the CRDs and with them what people made', async () => {
      const alias = { apiVersion: 'modelgate.dev/v1alpha1', kind: 'ModelAlias', metadata: { name: 'kept' } };
      const spec = { targets: [{ credentialRef: { name: 'openai' }, model: 'gpt-5-mini' }] };
      await ok(cluster.kubectl(['apply', '-n', 'shop', '-f', '-'], JSON.stringify({ ...alias, spec })));
      await helm('uninstall', 'gw', '-n', 'mg');
      assert.equal((await read('get', 'malias', 'kept', '-n', 'shop')).metadata.name, 'kept');
      const left = await ok(
        cluster.kubectl(['get', 'deploy,svc,sa,role,netpol,pdb', '-n', 'mg', '-o', 'name']),
      );
      assert.deepEqual(left.trim().split('\n'), ['serviceaccount/default']);
    });
  });
}
