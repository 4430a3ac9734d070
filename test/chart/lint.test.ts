import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { test } from 'node:test';
import { KUBERNETES_VERSION } from '../cluster/build/programs.ts';
import {
  CHART,
  helm,
  HELM_VERSIONS,
  pick,
  podOf,
  readChart,
  render,
  VALUES,
  type Rendered,
} from './chart.ts';

for (const version of HELM_VERSIONS) {
  for (const [name, file] of [['the defaults', undefined], ...VALUES] as const) {
    test(`helm ${version} lint --strict: ${name}`, async () => {
      const values = file === undefined ? [] : ['-f', file];
      const args = ['lint', '--strict', CHART, '--kube-version', KUBERNETES_VERSION, ...values];
      const { code, stdout, stderr } = await helm(version, args);
      assert.equal(code, 0, stdout + stderr);
    });
  }
}

for (const [name, file] of VALUES) {
  test(`Helm 3 and 4 make the same of ${name}, and the same each time`, async () => {
    const [three, four, again] = await Promise.all([
      render(3, '-f', file),
      render(4, '-f', file),
      render(4, '-f', file),
    ]);
    assert.deepEqual(byName(three), byName(four));
    assert.deepEqual(four, again);
  });
}

test('every object has the labels of the chart, and a namespace unless it can have none', async () => {
  const objects = await render(4, '-f', VALUES.get('names')!);
  for (const { kind, metadata } of objects) {
    const { name, labels, namespace } = metadata;
    const what = `${kind} ${name}`;
    assert.equal(labels['app.kubernetes.io/name'], 'models', what);
    assert.equal(labels['app.kubernetes.io/part-of'], 'modelgate', what);
    const cluster = kind.startsWith('Cluster') || kind === 'CustomResourceDefinition';
    assert.equal(namespace, cluster ? undefined : 'elsewhere', what);
  }
});

test('what selects pods does not change with values or the version of the chart', async () => {
  const labels = {
    'app.kubernetes.io/name': 'modelgate',
    'app.kubernetes.io/instance': 'gw',
    'app.kubernetes.io/component': 'proxy',
  };
  for (const args of [[], ['--set', 'commonLabels.team=x,proxy.podLabels.app=y']]) {
    const deployment = pick(await render(4, ...args), 'Deployment', '-proxy');
    assert.deepEqual(deployment.spec['selector'], { matchLabels: labels });
    assert.deepEqual({ ...podOf(deployment).metadata.labels, ...labels }, podOf(deployment).metadata.labels);
  }
});

test('nothing is looked up or drawn by chance, so that GitOps renders what Helm does', () => {
  const templates = globSync('templates/**/*.*', { cwd: CHART });
  assert.ok(templates.length > 20);
  for (const file of templates) {
    assert.doesNotMatch(readChart(file), /\b(lookup|rand\w+|now|uuidv4|genCA|genSigned\w+)\b/, file);
  }
});

function byName(objects: readonly Rendered[]): Record<string, Rendered> {
  return Object.fromEntries(objects.map((object) => [`${object.kind} ${object.metadata.name}`, object]));
}
