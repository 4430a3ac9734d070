import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { withRevision } from '../../core/config/revision.ts';
import { SHARD_KEY } from '../../core/publish/names.ts';
import { publish } from '../../core/publish/publish.ts';
import { startCluster, type Cluster } from '../cluster/index.ts';
import { until } from '../edge/until.ts';
import { sha256 } from '../gateway/config.ts';
import {
  ask,
  config,
  leaseOf,
  LEASES,
  metric,
  prepareNamespace,
  publishTo,
  putSecret,
  SECRETS,
  startProxy,
  statusOf,
  writeManifest,
  writePublished,
  writeToken,
  type ProxyProcess,
  type ProxySetup,
} from './proxy-lab.ts';

let cluster: Cluster;
let tokenFile: string;
before(async () => {
  cluster = await startCluster();
  await prepareNamespace(cluster);
  tokenFile = await writeToken(cluster);
});
after(() => cluster.stop());

/** Nothing is published before each test. */
async function nothingPublished(): Promise<void> {
  await cluster.api(SECRETS, { method: 'DELETE' });
}

const folder = (): string => mkdtempSync(join(cluster.folder, 'cache-'));

async function proxy(
  context: TestContext,
  pod: string,
  setup: Partial<ProxySetup> = {},
): Promise<ProxyProcess> {
  return startProxy(context, cluster, { pod, cacheDir: folder(), tokenFile, ...setup });
}

const serves = (one: ProxyProcess, revision: string): Promise<void> =>
  until(async () => (await statusOf(one)).revision === revision);

const acknowledges = (pod: string, revision: string): Promise<void> =>
  until(
    async () => (await leaseOf(cluster, pod))?.metadata.annotations['modelgate.dev/revision'] === revision,
  );

test('before anything is published it is alive and not ready, and says why', async (context) => {
  await nothingPublished();
  const one = await proxy(context, 'early');
  const ready = async (): Promise<[number, string]> => {
    const response = await fetch(`${one.adminUrl}/readyz`);
    return [response.status, await response.text()];
  };
  assert.equal((await fetch(`${one.adminUrl}/livez`)).status, 200);
  await until(async () => (await ready())[1].includes('there is no Secret modelgate-config'));
  assert.equal((await ready())[0], 503);
  assert.equal(await leaseOf(cluster, 'early'), undefined, 'what serves nothing acknowledges nothing');
  const empty = config('empty', {
    change: (whole) => ({ ...whole, aliases: {}, access: {}, callers: {}, namespaces: {} }),
  });
  await publishTo(cluster, empty);
  await serves(one, empty.revision);
  assert.deepEqual(await ready(), [200, 'ok'], 'a new installation is ready for its first alias');
  const first = config('first');
  await publishTo(cluster, first);
  await serves(one, first.revision);
  assert.deepEqual(await ask(one), { status: 200, revision: first.revision });
  assert.partialDeepStrictEqual(await statusOf(one), {
    source: 'Secret modelgate-system/modelgate-config',
    sourceState: 'following the Secret modelgate-config in the namespace modelgate-system',
  });
});

test('what is published is served and acknowledged, and so is what comes after it', async (context) => {
  await nothingPublished();
  const [first, second] = [config('one'), config('two')];
  await publishTo(cluster, first);
  const one = await proxy(context, 'follower');
  await serves(one, first.revision);
  await acknowledges('follower', first.revision);
  assert.partialDeepStrictEqual(await leaseOf(cluster, 'follower'), {
    metadata: {
      labels: { 'app.kubernetes.io/name': 'modelgate', 'app.kubernetes.io/component': 'proxy' },
    },
    spec: { holderIdentity: 'follower', leaseDurationSeconds: 15 },
  });
  await publishTo(cluster, second);
  await acknowledges('follower', second.revision);
  assert.deepEqual(await ask(one), { status: 200, revision: second.revision });
  await publishTo(cluster, first);
  await acknowledges('follower', first.revision);
});

test('the lease is renewed without news, and given back on a clean stop', async (context) => {
  await nothingPublished();
  const only = config('lease');
  await publishTo(cluster, only);
  const one = await proxy(context, 'leaving');
  await acknowledges('leaving', only.revision);
  const { renewTime } = (await leaseOf(cluster, 'leaving'))!.spec;
  await until(async () => (await leaseOf(cluster, 'leaving'))!.spec.renewTime > renewTime);
  one.kill('SIGTERM');
  assert.equal(await one.exit, 0);
  assert.partialDeepStrictEqual((await leaseOf(cluster, 'leaving'))!.spec, {
    holderIdentity: '',
    leaseDurationSeconds: 1,
  });
});

test('the lease goes with its pod, when it is known which one', async (context) => {
  await nothingPublished();
  const only = config('owned');
  await publishTo(cluster, only);
  // There is no such pod, so what it owns is collected.
  await proxy(context, 'owned', { args: ['--pod-uid', 'bf3cb8a5-1a3f-4f0c-8d0e-6a2d5a6d2f11'] });
  const deleted = `"requestURI":"${LEASES}/modelgate-proxy-owned"`;
  const isDeletion = (line: string): boolean => line.includes(deleted) && line.includes('"verb":"delete"');
  await until(() => readFileSync(cluster.auditLog, 'utf8').split('\n').some(isDeletion));
});

test('a lease that somebody else writes to or deletes is renewed all the same', async (context) => {
  await nothingPublished();
  const path = `${LEASES}/modelgate-proxy-disturbed`;
  await publishTo(cluster, config('quiet'));
  await proxy(context, 'disturbed');
  await until(async () => (await leaseOf(cluster, 'disturbed')) !== undefined);
  await cluster.api(path, {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: { metadata: { annotations: { 'example.com/note': 'kept' } } },
  });
  const written = config('written to');
  await publishTo(cluster, written);
  await acknowledges('disturbed', written.revision);
  assert.equal((await leaseOf(cluster, 'disturbed'))!.metadata.annotations['example.com/note'], 'kept');
  await cluster.api(path, { method: 'DELETE' });
  const deleted = config('deleted');
  await publishTo(cluster, deleted);
  await acknowledges('disturbed', deleted.revision);
});

test('a caller key that is taken out is refused at once', async (context) => {
  await nothingPublished();
  const before_ = config('callers', {
    change: (content) => {
      const app = content.callers['team/app']!;
      const other = { ...app, name: 'other', keys: [{ sha256: sha256('other-key') }] };
      return { ...content, callers: { ...content.callers, 'team/other': other } };
    },
  });
  await publishTo(cluster, before_);
  const one = await proxy(context, 'revoking');
  await serves(one, before_.revision);
  assert.equal((await ask(one, 'other-key')).status, 200);
  const after_ = config('callers');
  await publishTo(cluster, after_);
  await serves(one, after_.revision);
  assert.equal((await ask(one, 'other-key')).status, 401);
  assert.equal((await ask(one)).status, 200);
});

test('a shard that comes after the manifest that names it is waited for', async (context) => {
  await nothingPublished();
  const first = config('on time');
  await publishTo(cluster, first);
  const one = await proxy(context, 'waiting');
  await serves(one, first.revision);
  const late = config('late');
  const { manifest, shards } = publish(late);
  await writeManifest(cluster, JSON.stringify(manifest));
  await until(async () => (await statusOf(one)).sourceState.includes('is missing'));
  assert.deepEqual(await ask(one), { status: 200, revision: first.revision });
  await writePublished(cluster, { manifest, shards });
  await serves(one, late.revision);
});

test('what is not whole or not understood is refused, counted, and the last good one goes on', async (context) => {
  await nothingPublished();
  const good = config('good');
  await publishTo(cluster, good);
  const one = await proxy(context, 'careful');
  await serves(one, good.revision);
  const bad = publish(config('bad'));
  const [[name, bytes]] = [...bad.shards] as [[string, Buffer]];
  const forged = gzipSync(gunzipSync(bytes).toString().replace('provider-key-bad', 'provider-key-evil'));
  await putSecret(cluster, name, 'shard', { [SHARD_KEY]: forged.toString('base64') });
  const refused = (): Promise<number> => metric(one, 'modelgate_config_loads_total{result="refused"}');
  const attempts: [string, RegExp][] = [
    [JSON.stringify(bad.manifest), /does not hold what its name says/],
    [JSON.stringify({ ...publish(good).manifest, sha256: 'f'.repeat(64) }), /its sha256 differs/],
    [JSON.stringify({ version: 2, parts: [] }), /has version 2; this program reads 1/],
    ['{', /is not JSON/],
  ];
  for (const [i, [manifest, reason]] of attempts.entries()) {
    await writeManifest(cluster, manifest);
    await until(async () => (await refused()) === i + 1);
    assert.match((await statusOf(one)).sourceState, reason);
    assert.deepEqual(await ask(one), { status: 200, revision: good.revision });
  }
  assert.equal(
    (await leaseOf(cluster, 'careful'))!.metadata.annotations['modelgate.dev/revision'],
    good.revision,
  );
  const next = config('next');
  await publishTo(cluster, next);
  await serves(one, next.revision);
  assert.doesNotMatch(one.logged.all.join('\n'), /provider-key/);
});

test('a manifest that is deleted takes nothing out of service', async (context) => {
  await nothingPublished();
  const only = config('deleted');
  await publishTo(cluster, only);
  const one = await proxy(context, 'orphan');
  await serves(one, only.revision);
  await cluster.api(`${SECRETS}/modelgate-config`, { method: 'DELETE' });
  await until(async () => (await statusOf(one)).sourceState.includes('there is no Secret'));
  assert.deepEqual(await ask(one), { status: 200, revision: only.revision });
});

test('a token that was renewed is used; one that is refused stops nothing', async (context) => {
  await nothingPublished();
  const first = config('old token');
  await publishTo(cluster, first);
  const own = join(cluster.folder, 'rotating');
  await writeToken(cluster, own);
  const one = await proxy(context, 'rotating', { tokenFile: own });
  await acknowledges('rotating', first.revision);
  writeFileSync(own, 'no token at all');
  await one.logged.find(/the lease cannot be renewed/);
  assert.equal((await ask(one)).status, 200);
  await writeToken(cluster, own);
  await one.logged.find(/the lease is renewed again/);
  const second = config('new token');
  await publishTo(cluster, second);
  await acknowledges('rotating', second.revision);
});

test('what is on disk is for its owner only, and no more than two generations', async (context) => {
  await nothingPublished();
  const cacheDir = join(folder(), 'made', 'by-it');
  await publishTo(cluster, config('g0'));
  const one = await proxy(context, 'tidy', { cacheDir });
  for (const mark of ['g1', 'g2', 'g3']) {
    const next = config(mark);
    await publishTo(cluster, next);
    await serves(one, next.revision);
  }
  one.kill('SIGTERM');
  await one.exit;
  const files = readdirSync(cacheDir).toSorted();
  assert.deepEqual(
    files.map((file) => file.replace(/-\d+-[0-9a-f]{16}$/, '')),
    ['manifest.json', 'manifest.previous.json', 'modelgate-config', 'modelgate-config'].toSorted(),
  );
  assert.equal(statSync(cacheDir).mode & 0o777, 0o700);
  for (const file of files) assert.equal(statSync(join(cacheDir, file)).mode & 0o777, 0o600, file);
});

test('one changed caller of many costs one shard', async (context) => {
  await nothingPublished();
  const first = config('many', {
    change: (content) => {
      const app = content.callers['team/app']!;
      const others = Array.from({ length: 6_000 }, (_, i) => [
        `team/c${i}`,
        { ...app, name: `c${i}`, keys: [{ sha256: sha256(`${i}`) }] },
      ]);
      return { ...content, callers: { ...content.callers, ...Object.fromEntries(others) } };
    },
  });
  await publishTo(cluster, first);
  const { manifest } = publish(first);
  assert.ok(manifest.shards.length > 3, `${manifest.shards.length} shards`);
  const one = await proxy(context, 'saving');
  await serves(one, first.revision);
  const { revision: _, ...content } = first;
  const disabled = { ...first.callers['team/c7']!, disabled: true as const };
  const second = withRevision({ ...content, callers: { ...first.callers, 'team/c7': disabled } });
  const changed = publish(second).manifest.shards.filter((name) => !manifest.shards.includes(name));
  assert.equal(changed.length, 1);
  // Whoever asked for one of the others would be told that it is not there.
  for (const name of manifest.shards) await cluster.api(`${SECRETS}/${name}`, { method: 'DELETE' });
  const published = publish(second);
  const shards = new Map([...published.shards].filter(([name]) => changed.includes(name)));
  await writePublished(cluster, { manifest: published.manifest, shards });
  await serves(one, second.revision);
  assert.equal((await ask(one, '7')).status, 401);
  assert.equal((await ask(one, '8')).status, 200);
});
