import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BASE_URL, ID, OneCaller, SECRET_ID, START } from '../../test/operator/one-caller.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeObject } from '../kube/object.ts';
import { NotLeader } from '../leader/leadership.ts';
import { CallerKeys } from './caller-keys.ts';
import { sha256Of } from './key-secret.ts';

const HOUR = 3_600_000;

const foreign = (metadata: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'web-key', namespace: 'shop', ...metadata },
  data: { MODELGATE_API_KEY: Buffer.from('mg-somebody-elses-key-0123').toString('base64') },
});

describe('the first key', () => {
  test('lies in a Secret of the CallerKey, with the address of the gateway', async () => {
    const bench = new OneCaller();
    const outcome = await bench.settle();
    const { metadata, data } = bench.secrets.get(SECRET_ID)!;
    assert.match(data['MODELGATE_API_KEY']!, /^mg-[\w-]{43}$/);
    assert.equal(data['MODELGATE_BASE_URL'], BASE_URL);
    assert.deepEqual(metadata.ownerReferences, [
      {
        apiVersion: 'modelgate.dev/v1alpha1',
        kind: 'CallerKey',
        name: 'web',
        uid: 'uid-1',
        controller: true,
      },
    ]);
    assert.equal(metadata.labels!['modelgate.dev/caller-key'], 'web');
    assert.deepEqual(bench.accepted(), { [sha256Of(bench.key)]: undefined });
    assert.deepEqual(outcome.fields!.get(`CallerKey/${ID}`), {
      prefix: bench.key.slice(0, 8),
      lastRotated: '2026-11-24T00:00:00Z',
    });
    assert.deepEqual(bench.events, ['KeyGenerated']);
    assert.ok(!JSON.stringify(outcome.fields!.get(`CallerKey/${ID}`)).includes(bench.key));
  });

  test('is given out when all proxies let it in, and not before', async () => {
    const bench = new OneCaller();
    bench.proxies = 'behind';
    const outcome = await bench.settle();
    await bench.settle();
    assert.equal(bench.secrets.size, 0);
    assert.deepEqual([...outcome.underWay!], [`CallerKey/${ID}`]);
    const [announced] = Object.keys(bench.accepted());
    bench.proxies = 'current';
    await bench.settle();
    assert.equal(sha256Of(bench.key), announced);
  });

  test('waits for nobody when no proxy runs, and not for ever for one that hangs', async () => {
    const none = new OneCaller();
    none.proxies = 'none';
    await none.reconcile();
    assert.equal(none.secrets.size, 1);
    const hanging = new OneCaller();
    hanging.proxies = 'behind';
    await hanging.settle();
    hanging.now += 10_000;
    await hanging.reconcile();
    assert.equal(hanging.secrets.size, 1);
  });

  test('is made anew when its Secret or its value is gone; the one before is no longer let in', async () => {
    const bench = new OneCaller();
    await bench.settle();
    const first = bench.key;
    bench.secrets.delete(SECRET_ID);
    await bench.settle();
    const second = bench.key;
    assert.notEqual(second, first);
    const { object } = bench.secrets.get(SECRET_ID)!;
    bench.put({ ...object, data: {} });
    await bench.settle();
    assert.deepEqual(bench.accepted(), { [sha256Of(bench.key)]: undefined });
    assert.ok(![first, second].includes(bench.key));
  });

  test('is nothing for a CallerKey that is not accepted', async () => {
    const bench = new OneCaller({}, { allowedCIDRs: ['10.0.0.0/8'] });
    await bench.settle();
    assert.equal(bench.secrets.size, 0);
  });
});

describe('a rotation', () => {
  const rotation = { every: '10h', overlap: '2h' };

  test('on schedule: the key before stays good for the overlap, as a hash', async () => {
    const bench = new OneCaller({ rotation });
    const first = await bench.settle();
    const old = bench.key;
    assert.equal(first.fields!.get(`CallerKey/${ID}`)!['expiresAt'], '2026-11-24T12:00:00Z');
    bench.now += 10 * HOUR - 1;
    await bench.settle();
    assert.equal(bench.key, old);
    bench.now += 1;
    await bench.settle();
    assert.notEqual(bench.key, old);
    const end = START + 12 * HOUR;
    assert.deepEqual(bench.accepted(), { [sha256Of(bench.key)]: undefined, [sha256Of(old)]: end });
    assert.ok(
      !JSON.stringify(bench.secrets.get(SECRET_ID)!.object).includes(Buffer.from(old).toString('base64')),
    );
    assert.deepEqual(bench.events, ['KeyGenerated', 'KeyRotated']);
  });

  test('outlives the operator: what is good stands in the Secret', async () => {
    const bench = new OneCaller({ rotation });
    await bench.settle();
    bench.now += 10 * HOUR;
    await bench.settle();
    const before = bench.accepted();
    bench.task = new CallerKeys(BASE_URL);
    await bench.settle();
    assert.deepEqual(bench.accepted(), before);
    assert.deepEqual(bench.events.length, 2);
  });

  test('announces the new key before it replaces the old one', async () => {
    const bench = new OneCaller({ rotation });
    await bench.settle();
    const old = bench.key;
    bench.now += 10 * HOUR;
    bench.proxies = 'behind';
    await bench.settle();
    assert.equal(bench.key, old);
    assert.equal(Object.keys(bench.accepted()).length, 2);
  });

  test('on demand, once for each demand', async () => {
    const bench = new OneCaller();
    await bench.settle();
    const keys = [bench.key];
    for (const value of ['now', 'now', '1', new Date(START + 60_000).toISOString()]) {
      bench.now += 1_000 * 60;
      bench.annotate({ 'modelgate.dev/rotate': value, other: 'stays' });
      await bench.settle();
      await bench.settle();
      keys.push(bench.key);
      assert.match(bench.caller.metadata.annotations!['modelgate.dev/rotate']!, /^2026-11-2/);
      assert.equal(bench.caller.metadata.annotations!['other'], 'stays');
    }
    // The last instant lies before the key that is there.
    assert.equal(new Set(keys).size, 4);
    assert.equal(keys[4], keys[3]);
    assert.equal(Object.keys(bench.accepted()).length, 4, 'each of them has a day');
  });

  test('at an instant that was named', async () => {
    const bench = new OneCaller();
    await bench.settle();
    const old = bench.key;
    bench.annotate({ 'modelgate.dev/rotate': new Date(START + 1_800_000).toISOString() });
    const { wakeAt } = await bench.settle();
    assert.deepEqual([bench.key, wakeAt], [old, START + 1_800_000]);
    bench.now = START + 1_800_000;
    await bench.settle();
    assert.notEqual(bench.key, old);
  });

  test('a clock that is behind the one of the operator before does not swallow a demand', async () => {
    const bench = new OneCaller();
    await bench.settle();
    const old = bench.key;
    bench.now -= 60_000;
    bench.annotate({ 'modelgate.dev/rotate': 'now' });
    await bench.settle();
    bench.now += 60_001;
    await bench.settle();
    assert.notEqual(bench.key, old);
  });
});

describe('a Secret that was not made for the CallerKey', () => {
  const others: Record<string, KubeObject> = {
    'of somebody': foreign(),
    'with our label and annotations': foreign({
      labels: { 'modelgate.dev/caller-key': 'web', 'app.kubernetes.io/managed-by': 'modelgate' },
      annotations: {
        'modelgate.dev/previous-keys': `[{"sha256":"${'a'.repeat(64)}","expiresAt":"2999-01-01T00:00:00Z"}]`,
      },
    }),
    'of a CallerKey that had the name before': foreign({
      ownerReferences: [
        { apiVersion: 'modelgate.dev/v1alpha1', kind: 'CallerKey', name: 'web', uid: 'uid-0' },
      ],
    }),
    'of an object of another kind with the same uid': foreign({
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'uid-1' }],
    }),
  };
  for (const [whose, secret] of Object.entries(others)) {
    test(`${whose}: neither written nor read`, async () => {
      const bench = new OneCaller({ rotation: { every: '1h' } });
      bench.put(secret);
      const before = JSON.stringify(bench.secrets.get(SECRET_ID));
      bench.annotate({ 'modelgate.dev/rotate': 'now' });
      await bench.settle();
      bench.now += 100 * HOUR;
      await bench.settle();
      assert.equal(JSON.stringify(bench.secrets.get(SECRET_ID)), before);
      assert.deepEqual(bench.accepted(), {});
      assert.deepEqual(bench.events, []);
    });
  }
});

describe('what somebody changed in the Secret', () => {
  const edit = (bench: OneCaller, data: Record<string, string>): void => {
    const { object } = bench.secrets.get(SECRET_ID)!;
    const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
    bench.put({ ...object, data: { ...(object['data'] as object), ...Object.fromEntries(encoded) } });
  };

  test('the key: it is the key now, at once, and nothing of it is shown', async () => {
    const bench = new OneCaller();
    await bench.settle();
    edit(bench, { MODELGATE_API_KEY: 'a-key-by-hand-0123456789', mine: 'stays' });
    const outcome = await bench.settle();
    assert.deepEqual(bench.accepted(), { [sha256Of('a-key-by-hand-0123456789')]: undefined });
    assert.equal(outcome.fields!.get(`CallerKey/${ID}`)!['prefix'], undefined);
    bench.annotate({ 'modelgate.dev/rotate': 'now' });
    bench.now += 1_000;
    await bench.settle();
    assert.match(bench.key, /^mg-/);
    assert.equal(bench.secrets.get(SECRET_ID)!.data['mine'], 'stays');
  });

  test('the address: it is put right, and so it is when the gateway moves', async () => {
    const bench = new OneCaller();
    await bench.settle();
    const { key } = bench;
    edit(bench, { MODELGATE_BASE_URL: 'http://elsewhere.example' });
    await bench.settle();
    assert.equal(bench.secrets.get(SECRET_ID)!.data['MODELGATE_BASE_URL'], BASE_URL);
    bench.task = new CallerKeys('https://ai.example/v1');
    await bench.settle();
    assert.equal(bench.secrets.get(SECRET_ID)!.data['MODELGATE_BASE_URL'], 'https://ai.example/v1');
    assert.equal(bench.key, key);
  });

  test('the list of previous keys: what is spoilt lets nobody in', async () => {
    const bench = new OneCaller();
    await bench.settle();
    const { object } = bench.secrets.get(SECRET_ID)!;
    for (const text of ['{', '7', '[{"sha256":"x","expiresAt":"2999-01-01T00:00:00Z"}]', '[{"sha256":1}]']) {
      const annotations = { ...object.metadata.annotations, 'modelgate.dev/previous-keys': text };
      bench.put({ ...object, metadata: { ...object.metadata, annotations } });
      assert.deepEqual(Object.keys(bench.accepted()), [sha256Of(bench.key)]);
    }
  });
});

describe('a write that fails', () => {
  test('because the API server refuses it: the status says so, and it is tried again', async () => {
    const bench = new OneCaller();
    bench.proxies = 'none';
    bench.failure = new ApiError('POST /api', 403, { reason: 'Forbidden', message: 'exceeded quota' });
    const outcome = await bench.reconcile();
    const problem = outcome.problems!.get(`CallerKey/${ID}`)!;
    assert.equal(problem.reason, 'SecretNotWritten');
    assert.match(problem.message, /web-key.*exceeded quota/);
    assert.equal(outcome.wakeAt, START + 10_000);
    assert.equal(outcome.underWay!.size, 0);
    assert.deepEqual(bench.events, ['KeyNotWritten']);
    bench.failure = undefined;
    await bench.settle();
    assert.equal(bench.secrets.size, 1);
  });

  test('because somebody was faster: the watch will tell', async () => {
    const bench = new OneCaller();
    bench.proxies = 'none';
    bench.failure = new ApiError('POST /api', 409, { reason: 'AlreadyExists' });
    const outcome = await bench.reconcile();
    assert.equal(outcome.problems!.size, 0);
    assert.deepEqual(bench.events, []);
  });

  test('because this process does not lead: that ends the run', async () => {
    const bench = new OneCaller();
    bench.proxies = 'none';
    bench.failure = new NotLeader();
    await assert.rejects(bench.reconcile(), NotLeader);
  });
});
