import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from './eventually.ts';
import { aliasYaml, credentialYaml, namespaceYaml, OperatorLab, secretYaml, TEAM } from './operator-lab.ts';
import { Platform, type Process } from './platform.ts';

// An operator that is told which namespaces count.

const OTHER = 'other';
const inOther = (yaml: string): string => yaml.replaceAll(`"namespace":"${TEAM}"`, `"namespace":"${OTHER}"`);

let platform: Platform;
let lab: OperatorLab;
let operator: Process;
before(async () => {
  platform = await Platform.start();
  lab = new OperatorLab(platform);
  await platform.apply([namespaceYaml(TEAM, { tenant: 'yes' }), namespaceYaml(OTHER)].join('\n---\n'));
  const all = [
    secretYaml('openai', 'sk-example'),
    credentialYaml('openai'),
    aliasYaml('chat', { name: 'openai' }),
  ];
  await platform.apply([...all, ...all.map(inOther)].join('\n---\n'));
  operator = await platform.startOperator('operator-1', ['--watch-namespaces', TEAM]);
});
after(() => platform.stop());

test('what is in these namespaces is published, and nothing else', async () => {
  const { aliases, credentials } = await lab.publishedWith((config) => 'team/chat' in config.aliases);
  assert.deepEqual(Object.keys(aliases), ['team/chat']);
  assert.deepEqual(Object.keys(credentials), ['team/openai']);
  await lab.condition('ModelAlias', 'chat', 'ResolvedRefs', 'True');
  assert.equal((await lab.get('ModelAlias', 'chat', OTHER)).status?.conditions, undefined);
});

test('edits there are seen, and what leaves them goes', async () => {
  await platform.apply(aliasYaml('more', { name: 'openai' }));
  await lab.publishedWith(({ aliases }) => 'team/more' in aliases);
  await platform.kubectl('delete', 'malias/more', '-n', TEAM);
  await lab.publishedWith(({ aliases }) => !('team/more' in aliases));
});

test('of Secrets and Namespaces only theirs are held', async () => {
  const held = (kind: string) => lab.metric(operator, `modelgate_operator_objects{kind="${kind}"}`);
  await eventually(
    () => held('Namespace'),
    (count) => count === 1,
  );
  assert.equal(await held('ModelAlias'), 1);
  assert.equal(await held('Secret'), 1);
});
