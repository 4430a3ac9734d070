import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startCluster, type Cluster } from '../cluster/index.ts';
import { blocks, page, section } from '../docs/markdown.ts';
import { Terminal } from '../docs/terminal.ts';

const install = page('docs/install.md');
const upgrading = page('docs/upgrading.md');

let cluster: Cluster;
let terminal: Terminal;
before(async () => {
  cluster = await startCluster();
  terminal = await Terminal.open(cluster);
});
after(() => cluster.stop());

/** Types all commands of a part of a page. */
async function typeAll(part: string): Promise<string> {
  const typed = [];
  for (const block of blocks(part, 'sh')) typed.push(await terminal.type(block));
  return typed.join('');
}

const crds = async (): Promise<number> =>
  (await terminal.type('kubectl get crd -l app.kubernetes.io/name=modelgate -o name'))
    .trim()
    .split('\n')
    .filter(Boolean).length;

const replicas = (): Promise<string> =>
  terminal.type(`kubectl get -n modelgate deployment/modelgate-proxy -o jsonpath='{.spec.replicas}'`);

test('install.md: Install', async () => {
  await typeAll(install.slice(0, install.indexOf('\n## ')));
  assert.equal(await crds(), 4);
  assert.equal(await replicas(), '2');
});

test('install.md: What to decide', async () => {
  const part = section(install, '## What to decide');
  terminal.write('values.yaml', blocks(part, 'yaml')[0]!);
  await typeAll(part);
  assert.equal(await replicas(), '3');
});

test('upgrading.md, with resources that are there', async () => {
  terminal.write('chat.yaml', blocks(page('docs/first-alias.md'), 'yaml')[0]!);
  await terminal.type('kubectl apply -f chat.yaml');
  await typeAll(upgrading.slice(0, upgrading.indexOf('\n## ')));
  assert.equal(await replicas(), '3', 'values are kept');
  const [validate, changes] = blocks(section(upgrading, '## Before'), 'sh');
  assert.match(await terminal.type(validate!), /ok: 3 resources/);
  assert.match(await terminal.type(changes!), /nothing/, 'the same chart, the same values');
  await typeAll(section(upgrading, '## After'));
  await typeAll(section(upgrading, '## Back'));
  assert.equal(await replicas(), '3');
});

test('install.md: Uninstall keeps what was configured', async () => {
  const [uninstall] = blocks(section(install, '## Uninstall'), 'sh');
  await terminal.type(uninstall!);
  assert.equal(await crds(), 4);
  assert.match(await terminal.type('kubectl get modelgate -A -o name'), /modelalias.modelgate.dev\/chat/);
});

test('install.md: the last word of Uninstall, and Without Helm', async () => {
  const [, remove] = blocks(section(install, '## Uninstall'), 'sh');
  await terminal.type(remove!);
  assert.equal(await crds(), 0);
  await terminal.type('kubectl delete namespace modelgate');
  await typeAll(section(install, '## Without Helm'));
  assert.deepEqual([await crds(), await replicas()], [4, '2']);
});
