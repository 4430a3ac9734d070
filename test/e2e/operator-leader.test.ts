import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from './eventually.ts';
import { aliasYaml, credentialYaml, namespaceYaml, OperatorLab, secretYaml, TEAM } from './operator-lab.ts';
import { Platform, type Process } from './platform.ts';

let platform: Platform;
let lab: OperatorLab;
let edits = 0;
before(async () => {
  platform = await Platform.start();
  lab = new OperatorLab(platform);
  await platform.apply(namespaceYaml(TEAM));
  await platform.apply(
    [
      secretYaml('openai', 'sk-example'),
      credentialYaml('openai'),
      aliasYaml('chat', { name: 'openai' }),
      aliasYaml('broken', { name: 'nobody' }),
    ].join('\n---\n'),
  );
});
after(() => platform.stop());

/** Waits for a leader other than that one. */
function leaderAfter(name: string): Promise<string> {
  return eventually(
    () => lab.leader(),
    (now) => now !== '' && now !== name,
    60_000,
  );
}

/** One edit, published and looked at by whoever leads. */
async function edit(): Promise<void> {
  edits += 1;
  const description = `edit ${edits}`;
  await platform.apply(aliasYaml('chat', { name: 'openai' }, { description }));
  await lab.publishedWith(({ aliases }) => aliases['team/chat']?.description === description);
  await lab.condition('ModelAlias', 'chat', 'Accepted', 'True');
}

/** Who wrote, in the order of time; whoever writes several times in a row is named once. */
const writers = (): string[] =>
  lab
    .writes()
    .map(({ who }) => who)
    .filter((who, i, all) => who !== all[i - 1]);

const named = (name: string): Process => platform.processes.find((one) => one.name === name)!;

test('of two, one leads and writes; the other is ready and writes nothing', async () => {
  await platform.startOperator('a');
  await leaderAfter('');
  const b = await platform.startOperator('b');
  await eventually(
    async () => (await fetch(`http://127.0.0.1:${b.adminPort}/readyz`)).status,
    (status) => status === 200,
  );
  await edit();
  assert.equal(await lab.leader(), 'a');
  assert.deepEqual(writers(), ['a']);
  assert.equal(await lab.metric(named('a'), 'modelgate_operator_leader'), 1);
  assert.equal(await lab.metric(b, 'modelgate_operator_leader'), 0);
  assert.ok((await lab.metric(b, 'modelgate_operator_reconciles_total{result="ok"}')) > 0, 'it compiles');
});

test('a leader that stops gives the lease back, and what is right already is not written again', async () => {
  const writes = lab.writes().length;
  named('a').kill('SIGTERM');
  assert.equal(await named('a').exit, 0);
  assert.equal(await leaderAfter('a'), 'b');
  await eventually(
    () => lab.metric(named('b'), 'modelgate_operator_leader'),
    (leads) => leads === 1,
  );
  assert.equal(lab.writes().length, writes);
  await edit();
  assert.deepEqual(writers(), ['a', 'b']);
});

test('a leader that is killed is followed by another', async () => {
  await platform.startOperator('c');
  named('b').kill('SIGKILL');
  await named('b').exit;
  assert.equal(await leaderAfter('b'), 'c');
  await edit();
  assert.deepEqual(writers(), ['a', 'b', 'c']);
});

test('a leader that stands still loses the lease, and does not write when it goes on', async () => {
  await platform.startOperator('d');
  named('c').kill('SIGSTOP');
  // What it has not seen is waiting for it.
  await platform.apply(aliasYaml('chat', { name: 'openai' }, { description: 'while nobody leads' }));
  assert.equal(await leaderAfter('c'), 'd');
  await edit();
  named('c').kill('SIGCONT');
  await named('c').logged.find(/no longer leads/);
  await edit();
  await edit();
  assert.deepEqual(writers(), ['a', 'b', 'c', 'd']);
});

test('the one that stood still can lead again', async () => {
  named('d').kill('SIGTERM');
  await named('d').exit;
  assert.equal(await leaderAfter('d'), 'c');
  await edit();
  assert.deepEqual(writers(), ['a', 'b', 'c', 'd', 'c']);
});
