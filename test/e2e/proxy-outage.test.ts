import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test, type TestContext } from 'node:test';
import type { Config } from '../../core/config/config.ts';
import { startCluster, type Cluster } from '../cluster/index.ts';
import { until } from '../edge/until.ts';
import {
  ask,
  config,
  leaseOf,
  metric,
  prepareNamespace,
  publishTo,
  startProxy,
  statusOf,
  writeToken,
  type ProxyProcess,
} from './proxy-lab.ts';

let cluster: Cluster;
let tokenFile: string;
let cacheDir: string;
before(async () => {
  cluster = await startCluster();
  await prepareNamespace(cluster);
  tokenFile = await writeToken(cluster);
});
beforeEach(() => {
  cacheDir = mkdtempSync(join(cluster.folder, 'cache-'));
});
after(() => cluster.stop());

const proxy = (context: TestContext, pod: string): Promise<ProxyProcess> =>
  startProxy(context, cluster, { pod, cacheDir, tokenFile });

const serves = (one: ProxyProcess, revision: string): Promise<void> =>
  until(async () => (await statusOf(one)).revision === revision);

/** It serves this revision, and would do so again after a restart. */
async function keeps(one: ProxyProcess, { revision }: Config): Promise<void> {
  await serves(one, revision);
  const manifest = join(cacheDir, 'manifest.json');
  await until(() => existsSync(manifest) && readFileSync(manifest, 'utf8').includes(revision));
}

/** Asks again and again until it is told to stop; what was answered, and how often. */
function traffic(one: ProxyProcess): { stop(): Promise<Record<string, number>> } {
  const statuses: Record<string, number> = {};
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const outcome = await ask(one).then(
        ({ status }) => String(status),
        (error: unknown) => String(error),
      );
      statuses[outcome] = (statuses[outcome] ?? 0) + 1;
    }
  };
  const done = Promise.all([run(), run()]);
  return {
    stop: async () => {
      stopping.abort();
      await done;
      return statuses;
    },
  };
}

/** Leaves two generations on disk, and nobody running. */
async function twoGenerations(context: TestContext, pod: string): Promise<[older: string, newer: string]> {
  const [older, newer] = [config(`${pod} older`), config(`${pod} newer`)];
  await publishTo(cluster, older);
  const one = await proxy(context, pod);
  await serves(one, older.revision);
  await publishTo(cluster, newer);
  await keeps(one, newer);
  one.kill('SIGTERM');
  await one.exit;
  return [older.revision, newer.revision];
}

test('the API server dies again and again: no request fails, and what is published then is served', async (context) => {
  const first = config('before the outages');
  await publishTo(cluster, first);
  const one = await proxy(context, 'steady');
  await serves(one, first.revision);
  const load = traffic(one);
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
    await cluster.stopApi(signal);
    await until(async () => (await statusOf(one)).sourceState.includes('cannot be followed'));
    await cluster.startApi();
    const next = config(`after ${signal}`);
    await publishTo(cluster, next);
    await serves(one, next.revision);
    await until(
      async () =>
        (await leaseOf(cluster, 'steady'))?.metadata.annotations['modelgate.dev/revision'] === next.revision,
    );
  }
  assert.deepEqual(Object.keys(await load.stop()), ['200']);
});

test('history is compacted while the API server is away: the watch begins anew', async (context) => {
  const first = config('before the compaction');
  await publishTo(cluster, first);
  const one = await proxy(context, 'compacted');
  await serves(one, first.revision);
  const next = config('compacted');
  await publishTo(cluster, next);
  await cluster.compactEtcd();
  await cluster.restartApi({ signal: 'SIGKILL' });
  await serves(one, next.revision);
  const last = config('after the compaction');
  await publishTo(cluster, last);
  await serves(one, last.revision);
});

test('killed while the API server is away, it serves from disk, and follows when it is back', async (context) => {
  const first = config('on disk');
  await publishTo(cluster, first);
  const one = await proxy(context, 'killed');
  await keeps(one, first);
  one.kill('SIGKILL');
  await one.exit;
  await cluster.stopApi('SIGKILL');
  const again = await proxy(context, 'killed');
  await serves(again, first.revision);
  assert.deepEqual(await ask(again), { status: 200, revision: first.revision });
  assert.match(
    (await statusOf(again)).sourceState,
    /^serving from disk, .*: the API server cannot be followed/,
  );
  assert.equal((await fetch(`${again.adminUrl}/readyz`)).status, 200);
  await cluster.startApi();
  await until(async () => (await statusOf(again)).sourceState.startsWith('following'));
  const next = config('back again');
  await publishTo(cluster, next);
  await serves(again, next.revision);
});

test('an API server that does not answer holds nothing up', async (context) => {
  const first = config('while it hangs');
  await publishTo(cluster, first);
  const one = await proxy(context, 'hanging');
  await keeps(one, first);
  one.kill('SIGKILL');
  await one.exit;
  cluster.pause('apiserver');
  const again = await proxy(context, 'hanging');
  await serves(again, first.revision);
  again.kill('SIGTERM');
  assert.equal(await again.exit, 0);
  cluster.resume('apiserver');
});

test('a generation that is not whole is not served: the one before it is', async (context) => {
  const [older, newer] = await twoGenerations(context, 'damaged');
  truncateSync(join(cacheDir, 'manifest.json'), 20);
  await cluster.stopApi('SIGKILL');
  const one = await proxy(context, 'damaged');
  await serves(one, older);
  assert.equal((await ask(one)).status, 200);
  await cluster.startApi();
  await serves(one, newer);
});

test('when no generation is whole it is not ready and says why, and what is broken is mended', async (context) => {
  const [, newer] = await twoGenerations(context, 'broken');
  const shards = readdirSync(cacheDir).filter((file) => file.startsWith('modelgate-config-'));
  for (const file of shards) truncateSync(join(cacheDir, file), 30);
  await cluster.stopApi('SIGKILL');
  const one = await proxy(context, 'broken');
  await until(async () => (await metric(one, 'modelgate_config_loads_total{result="refused"}')) === 2);
  const response = await fetch(`${one.adminUrl}/readyz`);
  assert.equal(response.status, 503);
  assert.match(await response.text(), /no configuration yet; the API server cannot be followed/);
  await cluster.startApi();
  await serves(one, newer);
  one.kill('SIGTERM');
  await one.exit;
  await cluster.stopApi('SIGKILL');
  const again = await proxy(context, 'broken');
  await serves(again, newer);
  await cluster.startApi();
});
