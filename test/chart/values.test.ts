import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as yaml from 'js-yaml';
import about from '../../package.json' with { type: 'json' };
import { chartValues } from '../../scripts/generate/chart-values.ts';
import { CHART, helm, HELM_VERSIONS, pick, podOf, readChart, render, VALUES } from './chart.ts';

test('the defaults fit the schema, and name every value there is', () => {
  const defaults = yaml.load(readChart('values.yaml'));
  assert.equal(chartValues.safeParse(defaults).error, undefined);
});

/** What somebody may write → what Helm says. */
const MISTAKES: readonly [mistake: string, says: RegExp][] = [
  ['proxy.replicsa=3', /replicsa'? (is )?not allowed/],
  ['proxy.replicas=many', /\/proxy\/replicas.*(got string, want integer)/],
  ['operator.logLevel=loud', /logLevel.*must be one of 'trace', 'debug'/],
  ['image.digest=latest', /image\/digest.*does not match pattern.*sha256/],
  ['image.registry=registry.example.com/', /image\/registry.*does not match pattern/],
  ['proxy.service.port=0', /proxy\/service\/port.*minimum: got 0, want 1/],
  ['proxy.service.type=Headless', /service\/type.*must be one of 'ClusterIP', 'NodePort', 'LoadBalancer'/],
  ['operator.deniedCIDRs={10.0.0.1}', /deniedCIDRs\/0.*does not match pattern/],
  ['operator.baseURL=models.example.com', /baseURL/],
  ['crds.enabled=yes', /crds\/enabled.*got string, want boolean/],
];

for (const version of HELM_VERSIONS) {
  for (const [mistake, says] of MISTAKES) {
    test(`helm ${version} refuses ${mistake}`, async () => {
      const { code, stderr } = await helm(version, [
        'template',
        CHART,
        '--kube-version',
        '1.36.3',
        '--set',
        mistake,
      ]);
      assert.equal(code, 1);
      assert.match(stderr, says);
    });
  }
}

test('a ServiceAccount that others make has to be named', async () => {
  await assert.rejects(
    render(4, '--set', 'proxy.serviceAccount.create=false'),
    /proxy\.serviceAccount\.name/,
  );
});

test('Kubernetes that is too old is refused', async () => {
  const { code, stderr } = await helm(4, ['template', CHART, '--kube-version', '1.28.0']);
  assert.equal(code, 1);
  assert.match(stderr, /chart requires kubeVersion: >=1\.29\.0-0/);
});

test('the chart, its image and the program have one version', async () => {
  const { version, appVersion } = yaml.load(readChart('Chart.yaml')) as Record<string, string>;
  assert.deepEqual({ version, appVersion }, { version: about.version, appVersion: about.version });
});

/** Values → the image of the pods. */
const IMAGES: readonly [string, string][] = [
  ['', `modelgate:${about.version}`],
  ['image.tag=edge', 'modelgate:edge'],
  [`image.tag=edge,image.digest=sha256:${'a'.repeat(64)}`, `modelgate@sha256:${'a'.repeat(64)}`],
  ['global.imageRegistry=mirror.example.com', `mirror.example.com/modelgate:${about.version}`],
  ['global.imageRegistry=a.example,image.registry=b.example', `b.example/modelgate:${about.version}`],
];

for (const [values, image] of IMAGES) {
  test(`the image with ${values || 'no values'}`, async () => {
    const objects = await render(4, '--set', values);
    const images = ['-operator', '-proxy'].map(
      (suffix) => podOf(pick(objects, 'Deployment', suffix)).spec.containers[0].image,
    );
    assert.deepEqual(images, [image, image]);
  });
}

test('a pod may take as long to stop as its settings add up to', async () => {
  const grace = async (...args: string[]) =>
    podOf(pick(await render(4, ...args), 'Deployment', '-proxy')).spec.terminationGracePeriodSeconds;
  assert.equal(await grace(), 315);
  assert.equal(await grace('--set', 'proxy.drainTimeoutSeconds=20,proxy.preStopSeconds=0'), 30);
  assert.equal(await grace('-f', VALUES.get('everything')!), 120);
});

test('before it ends a pod goes on for a while; without a shell also where Kubernetes cannot sleep', async () => {
  const lifecycle = async (...args: string[]) =>
    podOf(pick(await render(4, ...args), 'Deployment', '-proxy')).spec.containers[0].lifecycle;
  assert.deepEqual(await lifecycle(), { preStop: { sleep: { seconds: 5 } } });
  const command = ['/nodejs/bin/node', '-e', 'setTimeout(() => {}, 5000)'];
  assert.deepEqual(await lifecycle('--kube-version', '1.29.9'), { preStop: { exec: { command } } });
  assert.equal(await lifecycle('--set', 'proxy.preStopSeconds=0'), undefined);
});
