import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from './eventually.ts';
import { namespace, readmeExample } from './gateway-yaml.ts';
import { Platform, type Proxy } from './platform.ts';
import { ask, Traffic } from './traffic.ts';

/** The README's example, an operator and two proxies; CallerKeys of each test beside it, in the namespace `shop`. */
let platform: Platform;
let proxies: Proxy[];

before(async () => {
  platform = await Platform.start();
  await platform.startOperator('operator-0');
  proxies = [await platform.startProxy('proxy-0'), await platform.startProxy('proxy-1')];
  await platform.apply([readmeExample(platform.upstream.url), namespace('elsewhere')].join('\n---\n'));
  await programmed('shop');
});
after(() => platform.stop());

function callerKey(name: string, spec: object): string {
  const metadata = { name, namespace: 'shop' };
  const apiVersion = 'modelgate.dev/v1alpha1';
  return JSON.stringify({ apiVersion, kind: 'CallerKey', metadata, spec: { aliases: ['chat'], ...spec } });
}

const programmed = (name: string): Promise<string> =>
  platform.kubectl('wait', '--for=condition=Programmed', '--timeout=60s', '-n', 'shop', `ckey/${name}`);

interface Secret {
  metadata: { uid: string; annotations?: Record<string, string>; labels?: Record<string, string> };
  data?: Record<string, string>;
}

async function secret(name: string): Promise<Secret | undefined> {
  const { status, body } = await platform.cluster.api(`/api/v1/namespaces/shop/secrets/${name}`);
  return status === 200 ? (body as Secret) : undefined;
}

async function value(name: string, key = 'MODELGATE_API_KEY'): Promise<string> {
  return Buffer.from((await secret(name))?.data?.[key] ?? '', 'base64').toString();
}

interface Status {
  prefix?: string;
  lastRotated?: string;
  conditions?: { type: string; status: string; reason: string; message: string }[];
}

async function statusOf(name: string): Promise<Status> {
  const path = `/apis/modelgate.dev/v1alpha1/namespaces/shop/callerkeys/${name}`;
  return ((await platform.cluster.api(path)).body as { status?: Status }).status ?? {};
}

const resolved = async (name: string) =>
  (await statusOf(name)).conditions?.find(({ type }) => type === 'ResolvedRefs');

async function statuses(key: string): Promise<number[]> {
  return Promise.all(proxies.map(async (proxy) => (await ask(proxy, key)).status));
}

const all =
  (wanted: number) =>
  (seen: readonly number[]): boolean =>
    seen.every((one) => one === wanted);

describe('a generated key', () => {
  test('is let in by every proxy the moment that its Secret is there', async () => {
    await platform.apply(callerKey('first', { generate: { secretName: 'first-key' } }));
    const key = await eventually(
      () => value('first-key'),
      (seen) => seen !== '',
    );
    assert.deepEqual(await statuses(key), [200, 200]);
    assert.equal(await value('first-key', 'MODELGATE_BASE_URL'), 'http://modelgate-proxy.modelgate.svc/v1');
    await programmed('first');
    const { prefix, lastRotated } = await eventually(
      () => statusOf('first'),
      (seen) => seen.prefix !== undefined,
    );
    assert.equal(prefix, key.slice(0, 8));
    assert.match(lastRotated!, /^20\d\d-.*Z$/);
  });

  test('that leaked: its Secret is deleted, the next one is another, and the old one is refused', async () => {
    const leaked = await value('first-key');
    const { uid } = (await secret('first-key'))!.metadata;
    await platform.kubectl('delete', 'secret', 'first-key', '-n', 'shop');
    await eventually(
      () => secret('first-key'),
      (seen) => seen !== undefined && seen.metadata.uid !== uid,
    );
    const key = await value('first-key');
    assert.notEqual(key, leaked);
    assert.deepEqual(await statuses(key), [200, 200]);
    await eventually(() => statuses(leaked), all(401), 5_000);
  });

  test('that is put in by hand is the key', async () => {
    const former = await value('first-key');
    const stringData = { MODELGATE_API_KEY: 'a-key-of-our-own-0123456789' };
    await platform.kubectl(
      'patch',
      'secret',
      'first-key',
      '-n',
      'shop',
      '-p',
      JSON.stringify({ stringData }),
    );
    await eventually(() => statuses(stringData.MODELGATE_API_KEY), all(200), 5_000);
    await eventually(() => statuses(former), all(401), 5_000);
  });

  test('goes with its CallerKey', async () => {
    const key = await value('first-key');
    await platform.kubectl('delete', 'ckey', 'first', '-n', 'shop');
    await eventually(() => statuses(key), all(401), 5_000);
    // The garbage collector looks for new kinds every 30 s.
    await eventually(
      () => secret('first-key'),
      (seen) => seen === undefined,
      90_000,
    );
  });

  test('rotated every two seconds: nobody who reads the Secret is refused', async (context) => {
    const rotation = { every: '2s', overlap: '1s' };
    await platform.apply(callerKey('fast', { generate: { secretName: 'fast-key', rotation } }));
    await programmed('fast');
    const seen = new Set<string>();
    const load = new Traffic({
      proxies: () => proxies,
      key: async () => {
        const key = await value('fast-key');
        seen.add(key);
        return key;
      },
      model: 'chat',
      perSecond: 50,
    });
    context.after(() => load.stop());
    await eventually(
      async () => seen.size,
      (size) => size >= 5,
      60_000,
    );
    const { failures } = await load.stop();
    assert.deepEqual(failures, []);
    const first = [...seen][0]!;
    await eventually(() => statuses(first), all(401), 10_000);
    await platform.kubectl('delete', 'ckey', 'fast', '-n', 'shop');
  });
});

describe('a Secret that is there already', () => {
  test('is left as it is, which the status says; once it is out of the way the key is made', async () => {
    await platform.kubectl('create', 'secret', 'generic', 'theirs', '-n', 'shop', '--from-literal=a=b');
    const untouched = await secret('theirs');
    await platform.apply(
      callerKey('late', { generate: { secretName: 'theirs', rotation: { every: '1s', overlap: '0s' } } }),
    );
    const condition = await eventually(
      () => resolved('late'),
      (seen) => seen?.reason === 'SecretNotOwned',
    );
    assert.match(
      condition!.message,
      /spec.generate.secretName: .*choose another name, or delete that Secret/,
    );
    assert.deepEqual(await secret('theirs'), untouched);
    await platform.kubectl('delete', 'secret', 'theirs', '-n', 'shop');
    await eventually(
      () => value('theirs'),
      (seen) => seen.startsWith('mg-'),
    );
    await platform.kubectl('delete', 'ckey', 'late', '-n', 'shop');
  });
});

describe('the token of a ServiceAccount', () => {
  const token = (account: string, of = 'shop', audience = 'modelgate'): Promise<string> =>
    platform.cluster.tokenFor(of, account, { audience });

  before(async () => {
    for (const [of, name] of [
      ['shop', 'checkout'],
      ['shop', 'other'],
      ['elsewhere', 'checkout'],
    ] as const)
      await platform.kubectl('create', 'serviceaccount', name, '-n', of);
    await platform.apply(callerKey('pods', { serviceAccounts: [{ name: 'checkout' }] }));
    await programmed('pods');
  });

  test('is a key, without a Secret anywhere', async () => {
    assert.deepEqual(await statuses(await token('checkout')), [200, 200]);
  });

  test('for somebody else, of another ServiceAccount, or of that name elsewhere, is none', async () => {
    const refused = {
      'for the API server': await platform.cluster.tokenFor('shop', 'checkout'),
      'for another': await token('checkout', 'shop', 'vault'),
      'of another': await token('other'),
      'of that name elsewhere': await token('checkout', 'elsewhere'),
    };
    for (const [what, key] of Object.entries(refused))
      assert.deepEqual(await statuses(key), [401, 401], what);
  });

  test('is none any more when the CallerKey no longer names it', async () => {
    const key = await token('checkout');
    assert.deepEqual(await statuses(key), [200, 200]);
    await platform.apply(callerKey('pods', { serviceAccounts: [{ name: 'other' }] }));
    await eventually(() => statuses(key), all(401), 5_000);
    assert.deepEqual(await statuses(await token('other')), [200, 200]);
  });
});
