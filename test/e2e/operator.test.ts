import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from './eventually.ts';
import {
  aliasYaml,
  callerYaml,
  credentialYaml,
  namespaceYaml,
  OperatorLab,
  secretYaml,
  TEAM,
} from './operator-lab.ts';
import { NAMESPACE, Platform, type Process } from './platform.ts';

const CANARY = 'sk-canary-0123456789abcdef';

let platform: Platform;
let lab: OperatorLab;
let operator: Process;
before(async () => {
  platform = await Platform.start();
  lab = new OperatorLab(platform);
  operator = await platform.startOperator('operator-1');
  await platform.apply([namespaceYaml(TEAM), namespaceYaml('other')].join('\n---\n'));
  await platform.apply(
    [
      secretYaml('openai', `${CANARY}-1`),
      credentialYaml('openai'),
      aliasYaml('chat', { name: 'openai' }),
      callerYaml('shop', 'the key of the shop', ['chat']),
    ].join('\n---\n'),
  );
});
after(() => platform.stop());

test('what is applied is published, and says that no proxy is there to serve it', async () => {
  const { callers } = await lab.publishedWith(({ callers: all }) => 'team/shop' in all);
  assert.equal(callers['team/shop']!.name, 'shop');
  const programmed = await lab.condition('ModelAlias', 'chat', 'Programmed', 'False');
  assert.equal(programmed.reason, 'NoProxies');
  for (const type of ['Accepted', 'ResolvedRefs']) await lab.condition('CallerKey', 'shop', type, 'True');
});

test('with a proxy it becomes Programmed and Ready, at the revision that the proxy serves', async () => {
  await platform.startProxy('proxy-1');
  await platform.kubectl('wait', '--for=condition=Ready', 'malias/chat', '-n', TEAM, '--timeout=60s');
  for (const [kind, name] of [
    ['ProviderCredential', 'openai'],
    ['CallerKey', 'shop'],
  ] as const) {
    await lab.condition(kind, name, 'Ready', 'True');
  }
  const { revision } = (await lab.published())!;
  assert.deepEqual((await lab.get('ModelAlias', 'chat')).status?.proxies, {
    ready: 1,
    programmed: 1,
    revision,
  });
});

test('an edit is published, and its generation becomes Programmed', async () => {
  const old = await lab.get('ModelAlias', 'chat');
  await platform.apply(aliasYaml('chat', { name: 'openai' }, { description: 'edited' }));
  await lab.publishedWith(({ aliases }) => aliases['team/chat']!.description === 'edited');
  await lab.condition('ModelAlias', 'chat', 'Programmed', 'True');
  const { metadata, status } = await lab.get('ModelAlias', 'chat');
  assert.equal(metadata.generation, old.metadata.generation + 1);
  const { revision } = (await lab.published())!;
  assert.deepEqual(status?.proxies, { ready: 1, programmed: 1, revision });
  const accepted = (live: typeof old) => live.status?.conditions?.find(({ type }) => type === 'Accepted');
  assert.equal(
    accepted(old)?.lastTransitionTime,
    status?.conditions?.find(({ type }) => type === 'Accepted')?.lastTransitionTime,
    'what did not flip keeps its time',
  );
});

test('a changed Secret is published; one that nobody refers to is not even read', async () => {
  await platform.apply(secretYaml('openai', `${CANARY}-2`));
  const config = await lab.publishedWith(
    ({ credentials }) => credentials['team/openai']!.keys[0] === `${CANARY}-2`,
  );
  await platform.apply(secretYaml('unrelated', `${CANARY}-unrelated`));
  await platform.apply(aliasYaml('chat', { name: 'openai' }, { description: 'after it' }));
  const next = await lab.publishedWith(({ aliases }) => aliases['team/chat']!.description === 'after it');
  assert.deepEqual(next.credentials, config.credentials);
});

test('a broken alias says why, by its status and by an event, and hurts nobody', async () => {
  await platform.apply(aliasYaml('broken', { name: 'nobody' }));
  const resolved = await lab.condition('ModelAlias', 'broken', 'ResolvedRefs', 'False');
  assert.equal(resolved.reason, 'CredentialNotFound');
  assert.match(resolved.message, /spec\.targets\[0\]\.credentialRef/);
  await lab.condition('ModelAlias', 'broken', 'Stalled', 'True');
  await lab.condition('ModelAlias', 'chat', 'Ready', 'True');
  await eventsOf('broken', /^Warning CredentialNotFound/m);
});

test('mended, it is ready, stalls no longer, and an event says so', async () => {
  await platform.apply([secretYaml('nobody', `${CANARY}-3`), credentialYaml('nobody')].join('\n---\n'));
  await lab.condition('ModelAlias', 'broken', 'Ready', 'True');
  const { status } = await lab.get('ModelAlias', 'broken');
  assert.deepEqual(
    status?.conditions?.map(({ type }) => type),
    ['Accepted', 'ResolvedRefs', 'Programmed', 'Ready'],
  );
  await eventsOf('broken', /^Normal ResolvedRefs/m);
});

async function eventsOf(name: string, pattern: RegExp): Promise<void> {
  const columns = '-o=jsonpath={range .items[*]}{.type} {.reason}{"\\n"}{end}';
  const selector = `--field-selector=regarding.name=${name}`;
  await eventually(
    () => platform.kubectl('get', 'events.events.k8s.io', '-n', TEAM, selector, columns),
    (text) => pattern.test(text),
  );
}

test('a credential that is granted by labels is gone when the namespace loses them', async () => {
  const allowedNamespaces = { from: 'Selector', selector: { matchLabels: { tenant: 'yes' } } };
  await platform.apply(
    [
      secretYaml('shared', `${CANARY}-4`, 'other'),
      credentialYaml('shared', { allowedNamespaces }, 'other'),
      aliasYaml('borrowed', { name: 'shared', namespace: 'other' }),
    ].join('\n---\n'),
  );
  const refused = await lab.condition('ModelAlias', 'borrowed', 'ResolvedRefs', 'False');
  assert.equal(refused.reason, 'RefNotPermitted');
  await platform.kubectl('label', 'namespace', TEAM, 'tenant=yes');
  await lab.condition('ModelAlias', 'borrowed', 'Ready', 'True');
  await platform.kubectl('label', 'namespace', TEAM, 'tenant-');
  await lab.publishedWith(({ aliases }) => (aliases['team/borrowed']?.targets.length ?? 0) === 0);
  const again = await lab.condition('ModelAlias', 'borrowed', 'ResolvedRefs', 'False');
  assert.equal(again.reason, 'RefNotPermitted');
});

test('an edit that breaks an alias leaves its last good form in service, and says so', async () => {
  await platform.apply(aliasYaml('kept', { name: 'openai' }, { description: 'good' }));
  await lab.condition('ModelAlias', 'kept', 'Ready', 'True');
  const target = {
    credentialRef: { name: 'openai' },
    model: 'gpt-5-mini',
    parameters: { set: { model: 'mine' } },
  };
  await platform.apply(aliasYaml('kept', {}, { description: 'broken', targets: [target] }));
  await lab.condition('ModelAlias', 'kept', 'Accepted', 'False');
  const programmed = await lab.condition('ModelAlias', 'kept', 'Programmed', 'False');
  assert.equal(programmed.reason, 'LastGoodInUse');
  assert.equal((await lab.published())?.aliases['team/kept']?.description, 'good');
  await platform.kubectl('delete', 'malias/kept', '-n', TEAM);
  await lab.publishedWith(({ aliases }) => !('team/kept' in aliases));
});

test('a status that somebody else has changed is put right', async () => {
  const patch = JSON.stringify({ status: { conditions: [], observedGeneration: 99 } });
  const to = ['malias', 'chat', '-n', TEAM, '--subresource=status', '--type=merge'];
  await platform.kubectl('patch', ...to, '-p', patch);
  await lab.condition('ModelAlias', 'chat', 'Ready', 'True');
});

test('what is deleted is no longer published', async () => {
  await platform.kubectl('delete', 'ckey/shop', '-n', TEAM);
  await lab.publishedWith(({ callers }) => !('team/shop' in callers));
});

test('shards that no manifest of the last two names are removed', async () => {
  for (const description of ['one', 'two', 'three', 'four']) {
    await platform.apply(aliasYaml('chat', { name: 'openai' }, { description }));
    await lab.publishedWith(({ aliases }) => aliases['team/chat']!.description === description);
  }
  await eventually(
    () =>
      platform.kubectl('get', 'secrets', '-n', NAMESPACE, '-l', 'modelgate.dev/config=shard', '-o', 'name'),
    (names) => names.trim().split('\n').length <= 2,
  );
});

test('at rest nothing is written but leases', async () => {
  const settled = await eventually(
    async () => [...(await lab.list('ModelAlias')), ...(await lab.list('ProviderCredential'))],
    (all) => all.every(({ metadata, status }) => status?.observedGeneration === metadata.generation),
  );
  const writes = lab.writes().length;
  const reconciles = await lab.metric(operator, 'modelgate_operator_reconciles_total{result="ok"}');
  const lease = (): Promise<string> =>
    platform.kubectl('get', 'lease', 'modelgate-operator', '-n', NAMESPACE, '-o=jsonpath={.spec.renewTime}');
  for (let renewals = 0, last = await lease(); renewals < 3; renewals += 1) {
    last = await eventually(lease, (now) => now !== last);
  }
  assert.equal(lab.writes().length, writes);
  assert.equal(await lab.metric(operator, 'modelgate_operator_reconciles_total{result="ok"}'), reconciles);
  const now = [...(await lab.list('ModelAlias')), ...(await lab.list('ProviderCredential'))];
  const versions = (all: typeof now) => all.map(({ metadata }) => metadata.resourceVersion);
  assert.deepEqual(versions(now), versions(settled));
});

test('it answers on its port, and stops within a moment', async () => {
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${operator.adminPort}${path}`)).status;
  assert.deepEqual(
    await Promise.all(['/livez', '/readyz', '/metrics', '/nothing'].map(ask)),
    [200, 200, 200, 404],
  );
  operator.kill('SIGTERM');
  assert.equal(await operator.exit, 0);
  assert.equal(await lab.leader(), '', 'the lease is given back');
});

test('no value of a Secret is in a log, a status or an event', async () => {
  const shown = await platform.kubectl('get', 'modelgate,events', '-A', '-o', 'yaml');
  const metrics = platform.logs();
  assert.ok(!`${shown}${metrics}`.includes(CANARY));
});
