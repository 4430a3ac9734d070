import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { KINDS } from '../../core/resources/kinds.ts';
import { aliasYaml, credentialYaml, namespaceYaml, OperatorLab, secretYaml, TEAM } from './operator-lab.ts';
import { Platform, type Process } from './platform.ts';

let platform: Platform;
let lab: OperatorLab;
let operator: Process;
before(async () => {
  platform = await Platform.start();
  lab = new OperatorLab(platform);
  operator = await platform.startOperator('operator-1');
  await platform.apply(namespaceYaml(TEAM));
  await platform.apply([secretYaml('openai', 'sk-example'), credentialYaml('openai')].join('\n---\n'));
});
after(() => platform.stop());

/** What is published, and what the operator holds, is what is there. */
async function isUpToDate(): Promise<void> {
  const there = (await lab.list('ModelAlias')).map(({ metadata }) => `${TEAM}/${metadata.name}`);
  await lab.publishedWith(
    ({ aliases }) => Object.keys(aliases).toSorted().join() === there.toSorted().join(),
  );
  for (const { kind } of KINDS) {
    const held = await lab.metric(operator, `modelgate_operator_objects{kind="${kind}"}`);
    assert.equal(held, (await lab.list(kind)).length, kind);
  }
}

const add = (name: string): Promise<void> => platform.apply(aliasYaml(name, { name: 'openai' }));
const remove = (name: string): Promise<string> => platform.kubectl('delete', `malias/${name}`, '-n', TEAM);

test('the API server restarts again and again: nothing is lost', async () => {
  for (const [i, signal] of (['SIGKILL', 'SIGTERM', 'SIGKILL', 'SIGKILL'] as const).entries()) {
    await add(`before-${i}`);
    await platform.cluster.restartApi({ signal });
    await add(`after-${i}`);
    if (i > 0) await remove(`before-${i - 1}`);
  }
  await isUpToDate();
});

test('history is gone while the API server is away: everything is listed anew', async () => {
  const lists = (): Promise<number> =>
    lab.metric(operator, 'modelgate_operator_watch_restarts_total{kind="ModelAlias",what="list"}');
  const earlier = await lists();
  await add('old');
  await remove('old');
  await add('new');
  await platform.cluster.compactEtcd();
  await platform.cluster.restartApi({ signal: 'SIGKILL' });
  await add('newest');
  await isUpToDate();
  const made = (await lists()) - earlier;
  assert.ok(made <= 2, `${made} lists`);
});

test('an object that is made and gone again while nobody looks leaves nothing behind', async () => {
  operator.kill('SIGSTOP');
  await add('short-lived');
  await remove('short-lived');
  await add('stays');
  operator.kill('SIGCONT');
  await isUpToDate();
});

test('while the API server is away the operator waits, and goes on when it is back', async () => {
  await platform.cluster.stopApi('SIGKILL');
  await operator.logged.find(/"watch broke"/, operator.logged.all.length);
  assert.equal((await fetch(`http://127.0.0.1:${operator.adminPort}/livez`)).status, 200);
  await platform.cluster.startApi();
  await add('afterwards');
  await isUpToDate();
  await lab.condition('ModelAlias', 'afterwards', 'Accepted', 'True');
});
