import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { fail, like } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { ask, outcome, statuses, until } from './ask.ts';
import { callerKey, modelAlias, resources, type Sketch } from './resources.ts';

let a: Upstream;
let b: Upstream;
let c: Upstream;
let gateway: TestGateway;

before(async () => {
  [a, b, c] = [await startUpstream(), await startUpstream(), await startUpstream()];
});
after(() => Promise.all([a, b, c].map((up) => up.stop())));
beforeEach(() => {
  for (const up of [a, b, c]) {
    up.reply(like());
    up.requests.length = 0;
  }
});
afterEach(() => gateway.stop());

async function start(sketch: Omit<Sketch, 'upstreams'> = {}, names = 'ab'): Promise<void> {
  const all = { a: a.url, b: b.url, c: c.url };
  const upstreams = Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
  gateway = await startGateway(resources({ upstreams, ...sketch }));
}

const counts = (): number[] => [a, b, c].map(({ requests }) => requests.length);

describe('weights', () => {
  test('90 to 10 are met within two points over 1,000 requests', async () => {
    await start({
      targets: [
        { at: 'a', weight: 90 },
        { at: 'b', weight: 10 },
      ],
    });
    const seen = await statuses(() => ask(gateway), 1_000, 16);
    assert.ok(seen.every((status) => status === 200));
    const [atA, atB] = counts() as [number, number];
    assert.ok(Math.abs(atA - 900) <= 20, `${atA} and ${atB}`);
    assert.equal(atA + atB, 1_000);
  });

  test('a drained target gets nothing, also when the others fail', async () => {
    await start({
      targets: [
        { at: 'a', weight: 0 },
        { at: 'b', weight: 1 },
      ],
    });
    await statuses(() => ask(gateway), 20);
    b.reply(fail(503));
    await statuses(() => ask(gateway), 20);
    assert.equal(a.requests.length, 0);
  });

  test('drained targets alone are no target', async () => {
    await start({ targets: [{ at: 'a', weight: 0 }] });
    const answer = await ask(gateway);
    assert.equal(answer.headers.get('retry-after'), '1');
    assert.deepEqual(await outcome(answer), [503, 'no_healthy_target']);
    assert.deepEqual(counts(), [0, 0, 0]);
  });
});

describe('tiers', () => {
  const tiers = {
    targets: [
      { at: 'a', priority: 0 },
      { at: 'b', priority: 1 },
    ],
    policy: { circuitBreaker: { failures: 1, openFor: '50ms', maxOpenFor: '50ms' } },
  };

  test('the first one takes everything while it is healthy', async () => {
    await start(tiers);
    await statuses(() => ask(gateway), 30, 4);
    assert.deepEqual(counts(), [30, 0, 0]);
  });

  test('the first one dies: no request fails, and it is tried again after its rest', async () => {
    await start(tiers);
    a.reply(fail(500));
    const seen = await statuses(() => ask(gateway), 320, 32);
    assert.ok(seen.every((status) => status === 200));
    a.reply(like());
    const failed = a.requests.length;
    const name = await until(
      async () => (await ask(gateway)).headers.get('x-modelgate-attempts'),
      (attempts) => attempts === '1' && a.requests.length > failed,
    );
    assert.equal(name, '1');
    const soFar = b.requests.length;
    await statuses(() => ask(gateway), 10);
    assert.equal(b.requests.length, soFar, 'the first tier has everything again');
  });

  test('its connections are refused: no request fails either', async () => {
    await start(tiers);
    await statuses(() => ask(gateway), 4);
    await a.refuse();
    const seen = await statuses(() => ask(gateway), 320, 32);
    await a.accept();
    assert.ok(seen.every((status) => status === 200));
  });

  test('many requests that fail together rest a target once, not for longer and longer', async () => {
    await start({ ...tiers, policy: { circuitBreaker: { failures: 5, openFor: '1h', maxOpenFor: '24h' } } });
    const { promise: all, resolve: release } = Promise.withResolvers<void>();
    a.reply((request) => ({ ...fail(503)(request), steps: [{ until: all }] }));
    const answers = Array.from({ length: 32 }, () => ask(gateway));
    await a.request(31);
    release();
    for (const answer of await Promise.all(answers)) assert.equal(answer.status, 200);
    const { targets } = (await (await fetch(`${gateway.adminUrl}/status`)).json()) as {
      targets: { credential: string; state: string; restsForSeconds: number }[];
    };
    const { state, restsForSeconds } = targets.find(({ credential }) => credential === 'team/a')!;
    assert.equal(state, 'Open');
    assert.ok(restsForSeconds <= 3_600, `${restsForSeconds}`);
  });
});

describe('conditions', () => {
  test('on headers and on labels of the caller', async () => {
    await start(
      {
        targets: [
          { at: 'a', when: { headers: { 'X-Tier': 'gold' } } },
          { at: 'b', when: { callers: { matchLabels: { team: 'shop' } } } },
        ],
        more: [callerKey('shop', 'mg-shop-key-0123456789', { labels: { team: 'shop' } })],
      },
      'ab',
    );
    await ask(gateway, { headers: { 'x-tier': 'gold' } });
    assert.deepEqual(counts(), [1, 0, 0]);
    await ask(gateway, { key: 'mg-shop-key-0123456789' });
    assert.deepEqual(counts(), [1, 1, 0]);
    for (const tier of ['silver', 'GOLD', 'gold, gold']) {
      const answer = ask(gateway, { headers: { 'x-tier': tier } });
      assert.deepEqual(await outcome(answer), [400, 'no_matching_target']);
    }
    assert.deepEqual(counts(), [1, 1, 0]);
  });

  test('a tier whose condition is met goes before the tier for everybody', async () => {
    await start({
      targets: [
        { at: 'a', when: { headers: { 'x-tier': 'gold' } } },
        { at: 'b', priority: 1 },
      ],
    });
    await statuses(() => ask(gateway), 5);
    await statuses(() => ask(gateway, { headers: { 'x-tier': 'gold' } }), 3);
    assert.deepEqual(counts(), [3, 5, 0]);
    a.reply(fail(500));
    const answer = await ask(gateway, { headers: { 'x-tier': 'gold' } });
    assert.equal(answer.status, 200, 'fail-over keeps to targets that take the request');
    assert.equal(b.requests.length, 6);
  });
});

describe('wildcards', () => {
  test('what the * matched goes into the target’s model', async () => {
    await start(
      {
        targets: [{ at: 'a' }],
        more: [
          modelAlias('wild', [{ at: 'b', model: 'meta/*' }], { alias: 'team/*' }),
          modelAlias('longer', [{ at: 'c', model: 'fixed' }], { alias: 'team/big-*' }),
          modelAlias('exact', [{ at: 'a', model: 'exact' }], { alias: 'team/big-one' }),
        ],
      },
      'abc',
    );
    const models = (up: Upstream): unknown[] => up.requests.map(({ json }) => json()['model']);
    for (const model of ['team/llama-3.3', 'team/', 'team/a/$&/b', 'team/big-two', 'team/big-one']) {
      const answer = await ask(gateway, { model });
      assert.equal(answer.status, 200);
      await answer.arrayBuffer();
    }
    assert.deepEqual(models(b), ['meta/llama-3.3', 'meta/', 'meta/a/$&/b']);
    assert.deepEqual(models(c), ['fixed']);
    assert.deepEqual(models(a), ['exact']);
    assert.deepEqual(await outcome(ask(gateway, { model: 'tea' })), [404, 'model_not_found']);
  });

  test('no name leads out of the path that a deployment has', async () => {
    await start({
      credential: { provider: 'AzureOpenAI', baseURL: b.origin },
      targets: [{ at: 'a' }],
      more: [modelAlias('wild', [{ at: 'a', model: '*' }], { alias: 'team/*' })],
    });
    for (const name of ['..', '.', '%2e%2e', '../../x', 'a?b', 'a#b']) {
      await (await ask(gateway, { model: `team/${name}` })).arrayBuffer();
    }
    for (const { path } of b.requests) {
      assert.match(path, /^\/openai\/deployments\/[^/?#]+\/chat\/completions\?api-version=[\d-]+$/);
    }
    assert.equal(b.requests.length, 6);
  });
});

describe('limits of a target', () => {
  const limited = (alias = {}) =>
    start({
      targets: [
        { at: 'a', priority: 0 },
        { at: 'b', priority: 1 },
      ],
      alias,
      policy: { limits: [{ name: 'each', requests: 3, per: 'Day', scope: 'Target' }] },
    });

  test('what one has no room for spills over to the next; when all are full, 429', async () => {
    await limited();
    const seen = await statuses(() => ask(gateway), 8);
    assert.deepEqual(seen, [200, 200, 200, 200, 200, 200, 429, 429]);
    assert.deepEqual(counts(), [3, 3, 0]);
    const answer = await ask(gateway);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    assert.deepEqual(await outcome(answer), [429, 'rate_limit_exceeded']);
    const lines = await until(
      () => gateway.logs(),
      ({ length }) => length === 9,
    );
    assert.partialDeepStrictEqual(JSON.parse(lines.at(-1)!), { limitedBy: 'team/rules/each' });
  });

  test('requests at once count until they have ended', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    await start({
      targets: [{ at: 'a' }],
      policy: { limits: [{ name: 'each', concurrent: 1, scope: 'Target' }] },
    });
    a.replyOnce((request) => ({ ...like()(request), steps: [{ until: gate }, ...like()(request).steps] }));
    const first = ask(gateway);
    await a.request(0);
    const second = await ask(gateway);
    assert.equal(second.headers.get('retry-after'), '1');
    assert.deepEqual(await outcome(second), [429, 'rate_limit_exceeded']);
    open();
    assert.equal((await first).status, 200);
    await until(
      async () => (await ask(gateway)).status,
      (status) => status === 200,
    );
  });

  test('an attempt that failed gives its place back: to a second one, and while another target streams', async () => {
    await start({
      targets: [{ at: 'a' }, { at: 'b', priority: 1 }],
      policy: {
        limits: [{ name: 'each', concurrent: 1, scope: 'Target' }],
        retries: { attempts: 3, backoff: { base: '1ms', max: '1ms' } },
      },
    });
    a.replyOnce(fail(500));
    b.replyOnce(fail(500));
    assert.equal((await ask(gateway)).headers.get('x-modelgate-attempts'), '3');
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    a.replyOnce(fail(500));
    b.replyOnce((request) => ({ ...like()(request), steps: [{ until: gate }, ...like()(request).steps] }));
    const held = ask(gateway);
    await b.request(2);
    assert.equal((await ask(gateway)).headers.get('x-modelgate-attempts'), '1');
    open();
    assert.equal((await held).status, 200);
  });

  test('in Monitor mode the target is used, and the record says that it would not have been', async () => {
    await start({
      targets: [{ at: 'a' }],
      policy: { mode: 'Monitor', limits: [{ name: 'each', requests: 1, per: 'Day', scope: 'Target' }] },
    });
    assert.deepEqual(await statuses(() => ask(gateway), 2), [200, 200]);
    const lines = await until(
      () => gateway.logs(),
      ({ length }) => length === 2,
    );
    const [first, second] = lines.map((line) => JSON.parse(line) as { wouldHave?: string[] });
    assert.deepEqual([first!.wouldHave, second!.wouldHave], [undefined, ['limit team/rules/each']]);
  });
});
