import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { after, before, test, type TestContext } from 'node:test';
import { alias, generous, providerKey, readmeExample } from './gateway-yaml.ts';
import { eventually } from './eventually.ts';
import { NAMESPACE, Platform, type Process, type Proxy } from './platform.ts';
import { ask, Traffic, type TrafficOptions } from './traffic.ts';

/** One installation for all: two operators, three proxies, the README's example. Each test leaves it as it was. */
let platform: Platform;
let operators: Process[];
let proxies: Proxy[];

before(async () => {
  platform = await Platform.start();
  operators = [await platform.startOperator('operator-0'), await platform.startOperator('operator-1')];
  proxies = [];
  for (const n of [0, 1, 2]) proxies.push(await platform.startProxy(`proxy-${n}`));
  await platform.apply(readmeExample(platform.upstream.url));
});
after(() => platform.stop());

const programmed = (what: string, namespace = 'platform'): Promise<string> =>
  platform.kubectl('wait', '--for=condition=Programmed', '--timeout=60s', '-n', namespace, what);

/** The key that applications find in the Secret. */
async function shopKey(): Promise<string> {
  const path = '/api/v1/namespaces/shop/secrets/shop-modelgate';
  const { body } = await platform.cluster.api(path);
  const { data } = body as { data?: { MODELGATE_API_KEY: string } };
  return Buffer.from(data?.MODELGATE_API_KEY ?? '', 'base64').toString();
}

interface Seen {
  metadata: { generation: number };
  status?: {
    proxies?: { ready: number; programmed: number };
    conditions?: {
      type: string;
      status: string;
      reason: string;
      message: string;
      observedGeneration: number;
    }[];
  };
}

async function chat(): Promise<Seen> {
  const path = '/apis/modelgate.dev/v1alpha1/namespaces/platform/modelaliases/chat';
  return (await platform.cluster.api(path)).body as Seen;
}

/** What Programmed says of the newest generation; undefined while it speaks of an older one. */
function programming({ metadata, status }: Seen): { status: string; message: string } | undefined {
  return status?.conditions?.find(
    ({ type, observedGeneration }) => type === 'Programmed' && observedGeneration === metadata.generation,
  );
}

/** Callers that ask until the end of the test at the latest. */
function traffic(
  context: TestContext,
  options: Partial<TrafficOptions> & Pick<TrafficOptions, 'key'>,
): Traffic {
  const load = new Traffic({ proxies: () => proxies, model: 'chat', perSecond: 100, ...options });
  context.after(() => load.stop());
  return load;
}

const lastModel = (): unknown => platform.upstream.requests.at(-1)?.json()['model'];

test('the README: apply, wait for Programmed, and every proxy answers the generated key', async () => {
  for (const what of ['pcred/openai', 'malias/chat']) await programmed(what);
  for (const what of ['ckey/shop', 'tpol/shop']) await programmed(what, 'shop');
  const key = await shopKey();
  assert.match(key, /^mg-/);
  for (const proxy of proxies) assert.equal((await ask(proxy, key)).status, 200);
  assert.equal(
    platform.upstream.requests[0]!.headers.authorization,
    'Bearer ${OPENAI_API_KEY:-not-a-real-key}',
  );
  await platform.apply(generous());
  await programmed('tpol/shop', 'shop');
});

test('an edit is what traffic uses once Programmed says so; a proxy that stands still counts until it is gone', async (t) => {
  const key = await shopKey();
  const [first, , last] = proxies as [Proxy, Proxy, Proxy];
  await platform.apply(alias({ model: 'gpt-5' }));
  await programmed('malias/chat');
  for (const proxy of proxies) {
    await ask(proxy, key);
    assert.equal(lastModel(), 'gpt-5');
  }

  last.kill('SIGSTOP');
  t.after(() => last.kill('SIGCONT'));
  await platform.apply(alias({ model: 'gpt-5-nano' }));
  // The two that run have it, and say so.
  await eventually(
    () => ask(first, key),
    () => lastModel() === 'gpt-5-nano',
  );
  const waiting = await eventually(chat, (seen) => seen.status?.proxies?.programmed === 2);
  assert.equal(programming(waiting)?.status, 'False');
  last.kill('SIGCONT');
  await programmed('malias/chat');
  await ask(last, key);
  assert.equal(lastModel(), 'gpt-5-nano');

  last.kill('SIGKILL');
  await last.exit;
  await platform.apply(alias({ model: 'gpt-5-mini' }));
  const gone = await eventually(chat, (seen) => programming(seen)?.status === 'True', 60_000);
  assert.equal(gone.status?.proxies?.ready, 2);
  proxies[2] = await platform.startProxy('proxy-2');
  await eventually(
    () => ask(proxies[2]!, key),
    ({ status }) => status === 200,
  );
});

test('a new provider key is used within seconds, and no request fails meanwhile', async (t) => {
  const key = await shopKey();
  const load = traffic(t, { key: () => key, perSecond: 200 });
  await platform.apply(providerKey('sk-provider-key-renewed-0123456789'));
  await eventually(
    () => Promise.resolve(platform.upstream.requests.at(-1)?.headers.authorization),
    (seen) => seen === 'Bearer sk-provider-key-renewed-0123456789',
    5_000,
  );
  const already = load.answered;
  await eventually(
    () => Promise.resolve(load.answered),
    (answered) => answered > already + 200,
  );
  const { failures } = await load.stop();
  assert.deepEqual(failures.slice(0, 3), []);
});

test('a grant that is taken away is refused within seconds, and again there when it is given back', async () => {
  const key = await shopKey();
  const statusOf = async (): Promise<number[]> =>
    Promise.all(proxies.map(async (proxy) => (await ask(proxy, key)).status));
  await platform.apply(alias({ allowed: 'Same' }));
  await eventually(statusOf, (seen) => seen.every((status) => status === 404), 5_000);
  await platform.apply(alias({ allowed: 'All' }));
  await eventually(statusOf, (seen) => seen.every((status) => status === 200), 5_000);
});

test('keys that are rotated again and again: nobody who reads the Secret is refused', async (t) => {
  const load = traffic(t, { key: shopKey, perSecond: 50 });
  const seen = new Set([await shopKey()]);
  for (let turn = 0; turn < 6; turn++) {
    await platform.kubectl(
      'annotate',
      'ckey',
      'shop',
      '-n',
      'shop',
      '--overwrite',
      `modelgate.dev/rotate=${turn}`,
    );
    const next = await eventually(shopKey, (key) => key !== '' && !seen.has(key));
    seen.add(next);
    const answered = load.answered;
    await eventually(
      () => Promise.resolve(load.answered),
      (now) => now > answered + 30,
    );
  }
  const { failures } = await load.stop();
  assert.deepEqual(failures.slice(0, 3), []);
});

test('the leader dies: the other one writes', async () => {
  const key = await shopKey();
  const leader = await leading();
  leader.kill('SIGKILL');
  await leader.exit;
  await platform.apply(alias({ model: 'gpt-5-after-leader' }));
  await eventually(
    () => ask(proxies[0]!, key),
    () => lastModel() === 'gpt-5-after-leader',
    20_000,
  );
  await programmed('malias/chat');
  operators = [operators.find((one) => one !== leader)!, await platform.startOperator(leader.name)];
});

async function leading(): Promise<Process> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/modelgate-operator`;
  const holder = await eventually(
    async () =>
      ((await platform.cluster.api(path)).body as { spec?: { holderIdentity?: string } }).spec
        ?.holderIdentity,
    (seen) => operators.some(({ name }) => seen?.startsWith(name)),
  );
  return operators.find(({ name }) => holder?.startsWith(name))!;
}

test('API server, etcd and operators away: every request is answered; a proxy that starts then serves from its disk', async (t) => {
  const key = await shopKey();
  const folder = platform.folder();
  const other = await platform.startProxy('proxy-3', folder);
  await eventually(
    () => ask(other, key),
    ({ status }) => status === 200,
  );
  await eventually(
    () => readdir(folder),
    (files) => files.includes('manifest.json'),
  );
  const load = traffic(t, { key: () => key });
  for (const operator of operators) operator.kill('SIGKILL');
  await platform.cluster.stopApi('SIGKILL');
  await platform.cluster.stopEtcd('SIGKILL');
  other.kill('SIGKILL');
  await other.exit;
  const again = await platform.startProxy('proxy-3', folder);
  assert.equal(
    (
      await eventually(
        () => ask(again, key),
        ({ status }) => status === 200,
      )
    ).status,
    200,
  );
  const answered = load.answered;
  await eventually(
    () => Promise.resolve(load.answered),
    (now) => now > answered + 200,
  );
  platform.cluster.startEtcd();
  await platform.cluster.startApi();
  operators = [await platform.startOperator('operator-2'), await platform.startOperator('operator-3')];
  await platform.apply(alias({ model: 'gpt-5-after-outage' }));
  await eventually(
    () => ask(again, key),
    () => lastModel() === 'gpt-5-after-outage',
    60_000,
  );
  const { failures } = await load.stop();
  assert.deepEqual(failures.slice(0, 3), []);
});

test('no key is in any log, status, event or lease', async () => {
  const keys = ['not-a-real-key', 'sk-provider-key-renewed', await shopKey()];
  const kinds = 'malias,pcred,ckey,tpol,events.events.k8s.io,leases';
  const objects = await platform.kubectl('get', kinds, '-A', '-o', 'json');
  const texts = { logs: platform.logs(), objects, audit: readFileSync(platform.cluster.auditLog, 'utf8') };
  for (const [where, text] of Object.entries(texts)) {
    assert.ok(text.length > 100, where);
    for (const key of keys) assert.ok(!text.includes(key), `${key} in ${where}`);
  }
});
