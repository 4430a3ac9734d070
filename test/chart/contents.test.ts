import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as yaml from 'js-yaml';
import { Metrics as OperatorMetrics } from '../../operator/telemetry/metrics.ts';
import { Metrics } from '../../proxy/telemetry/metrics.ts';
import { CHART, pick, readChart, readRoot, render, VALUES } from './chart.ts';

const everything = await render(4, '-f', VALUES.get('everything')!);

test('the CRDs are those of the repository, and stay when the release goes', async () => {
  for (const file of readdirSync(join(CHART, 'files/crds'))) {
    const crd = yaml.load(readRoot(`crds/${file}`)) as { metadata: { name: string }; spec: unknown };
    const rendered = pick(everything, 'CustomResourceDefinition', crd.metadata.name);
    assert.deepEqual(rendered.spec, crd.spec);
    assert.equal(rendered.metadata.annotations?.['helm.sh/resource-policy'], 'keep');
  }
  const kinds = everything.filter(({ kind }) => kind === 'CustomResourceDefinition');
  assert.equal(kinds.length, readdirSync(join(CHART, '../../crds')).length);
});

test('CRDs are left out, or go with the release, when asked to', async () => {
  const without = await render(4, '--set', 'crds.enabled=false');
  assert.equal(
    without.find(({ kind }) => kind === 'CustomResourceDefinition'),
    undefined,
  );
  const crd = pick(await render(4, '--set', 'crds.keep=false'), 'CustomResourceDefinition');
  assert.equal(crd.metadata.annotations, undefined);
});

test('alerts and dashboards ask for metrics that there are', async () => {
  const none = () => undefined;
  const { text } = await new Metrics({ revision: none, loadedAt: none, inFlight: () => 0 }).scrape();
  const operator = new OperatorMetrics();
  operator.observeProxies(() => ({ ready: 0, current: 0 }));
  const texts = `${text}\n${await operator.registry.metrics()}`;
  const known = new Set([...texts.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]!));
  const asked = [readChart('files/alerts.tpl'), readChart('files/dashboards/modelgate-overview.json')]
    .flatMap((file) => [...file.matchAll(/\b(?:modelgate|gen_ai)_[a-z_]+(?=[{[)]|\\?\{|,)/g)])
    .map(([name]) => name.replace(/_(bucket|sum|count)$/, ''))
    .filter((name) => !/^gen_ai_(request_model|token_type|provider_name|operation_name)$/.test(name));
  assert.ok(asked.length > 10);
  assert.deepEqual(
    asked.filter((name) => !known.has(name)),
    [],
  );
});

test('dashboards are JSON, in a ConfigMap that Grafana looks for', () => {
  const { metadata, data } = pick(everything, 'ConfigMap', '-dashboards');
  assert.equal(metadata.labels['grafana_dashboard'], '1');
  for (const text of Object.values(data!)) assert.ok((JSON.parse(text) as { title: string }).title);
});

test('the proxies reach no metadata service of a cloud', () => {
  const policy = pick(everything, 'NetworkPolicy', '-proxy').spec as {
    egress: { to?: { ipBlock?: { cidr: string; except: string[] } }[] }[];
  };
  const blocks = policy.egress.flatMap(({ to }) => to ?? []).flatMap(({ ipBlock }) => ipBlock ?? []);
  assert.deepEqual(
    blocks.map(({ cidr }) => cidr),
    ['0.0.0.0/0', '::/0'],
  );
  assert.ok(blocks[0]!.except.includes('169.254.0.0/16'));
  assert.ok(blocks[1]!.except.includes('fd00:ec2::254/128'));
});

test('one replica has no disruption budget, which would keep its node from ever being drained', async () => {
  const objects = await render(4, '-f', VALUES.get('minimal')!);
  assert.equal(
    objects.find(({ kind }) => kind === 'PodDisruptionBudget'),
    undefined,
  );
});
