import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { faulty, heldAfter } from '../upstream/faults.ts';
import { fail, hang, json, like, redirect, tellCredential, type Script } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { ask, askStream, outcome, statuses, until } from './ask.ts';
import {
  providerCredential,
  providerKey,
  resources,
  secret,
  trafficPolicy,
  type Sketch,
} from './resources.ts';

let a: Upstream;
let b: Upstream;
let c: Upstream;
let d: Upstream;
let gateway: TestGateway;

before(async () => {
  [a, b, c, d] = [await startUpstream(), await startUpstream(), await startUpstream(), await startUpstream()];
});
after(() => Promise.all([a, b, c, d].map((up) => up.stop())));
beforeEach(() => {
  for (const up of [a, b, c, d]) {
    up.reply(like());
    up.requests.length = 0;
  }
});
afterEach(() => gateway.stop());

async function start(sketch: Partial<Sketch> = {}): Promise<void> {
  gateway = await startGateway(resources({ upstreams: { a: a.url, b: b.url }, ...sketch }));
}

/** `a` is asked first, `b` is there when it fails. */
const tiers = [
  { at: 'a', priority: 0 },
  { at: 'b', priority: 1 },
];
const alone = [{ at: 'a' }];
/** Only `a` has to be fast: how fast this machine is must not matter. */
const impatientWithA = trafficPolicy('impatient', {
  targetRefs: [{ kind: 'ProviderCredential', name: 'a' }],
  timeouts: { firstByte: '50ms' },
});
/** One attempt, so that what a failure is answered with is seen at once. */
const once = { retries: { attempts: 1 } };

describe('what is tried again at another target', () => {
  const failures: Record<string, Script> = {
    'an error of the server': fail(500),
    'an overloaded server': fail(503),
    'a rate limit': fail(429),
    'a refused credential': fail(401),
    'a credential without the right': fail(403),
    'no answer in time': hang,
    'a head, then silence': faulty(like(), heldAfter(0, new Promise(() => {}))),
    'a connection that is reset before the answer': () => ({
      status: 200,
      headers: {},
      steps: [{ cut: 'reset' }],
    }),
    'a connection that ends before the answer': () => ({ status: 200, headers: {}, steps: [{ cut: 'fin' }] }),
  };
  for (const [name, script] of Object.entries(failures)) {
    for (const stream of [false, true]) {
      test(`${name}, ${stream ? 'stream' : 'JSON'}`, async () => {
        await start({ targets: tiers, more: [impatientWithA] });
        a.reply(script);
        const answer = await (stream ? askStream : ask)(gateway);
        assert.equal(answer.status, 200);
        assert.equal(answer.headers.get('x-modelgate-attempts'), '2');
        assert.match(await answer.text(), /Hi/);
        assert.deepEqual([a.requests.length, b.requests.length], [1, 1]);
        assert.deepEqual(b.requests[0]!.body, a.requests[0]!.body);
      });
    }
  }

  test('a refused connection', async () => {
    await start({ targets: tiers });
    await a.refuse();
    const answer = await ask(gateway);
    await a.accept();
    assert.deepEqual([answer.status, answer.headers.get('x-modelgate-attempts')], [200, '2']);
  });
});

describe('what is not', () => {
  for (const status of [400, 404, 409, 413, 415, 422]) {
    test(`${status} of the provider`, async () => {
      await start({ targets: tiers });
      a.reply(fail(status));
      await statuses(() => ask(gateway), 3);
      assert.deepEqual([a.requests.length, b.requests.length], [3, 0]);
    });
  }

  test('what the policy does not list', async () => {
    await start({ targets: tiers, policy: { retries: { retryOn: ['429'] } } });
    a.reply(fail(500));
    assert.deepEqual(await outcome(ask(gateway)), [502, 'upstream_error']);
    assert.equal(b.requests.length, 0);
  });

  test('more often than the policy says', async () => {
    const policy = { retries: { attempts: 3, backoff: { base: '1ms', max: '1ms' } } };
    await start({ targets: alone, policy });
    a.reply(fail(500));
    const answer = await ask(gateway);
    assert.equal(answer.headers.get('x-modelgate-attempts'), '3');
    assert.deepEqual(await outcome(answer), [502, 'upstream_error']);
    assert.equal(a.requests.length, 3);
  });

  test('a request whose total time is over: nobody else is asked, nobody else is blamed', async () => {
    await start({
      targets: tiers,
      policy: {
        timeouts: { total: '50ms' },
        circuitBreaker: { failures: 1, openFor: '1h', maxOpenFor: '1h' },
      },
    });
    a.reply(hang);
    assert.deepEqual(await outcome(ask(gateway)), [504, 'upstream_timeout']);
    assert.equal(b.requests.length, 0);
    assert.equal((await targetsOf()).find(({ credential }) => credential === 'team/b')!.state, 'Closed');
  });
});

async function targetsOf(): Promise<{ credential: string; state: string }[]> {
  const status = await fetch(`${gateway.adminUrl}/status`);
  return ((await status.json()) as { targets: { credential: string; state: string }[] }).targets;
}

describe('what the caller is told', () => {
  const cases: [string, Script, number, string][] = [
    ['an error of the server', fail(500), 502, 'upstream_error'],
    ['429', fail(429, { 'retry-after': '7' }), 429, 'upstream_rate_limited'],
    ['401', fail(401), 502, 'upstream_credential_rejected'],
    ['403', fail(403), 502, 'upstream_credential_rejected'],
    ['404', fail(404), 502, 'upstream_model_not_found'],
    ['a redirect', redirect('http://127.0.0.1:1/'), 502, 'upstream_error'],
    ['no answer in time', hang, 504, 'upstream_timeout'],
    ['a compressed answer', json(200, {}, { 'content-encoding': 'gzip' }), 502, 'upstream_error'],
  ];
  for (const [name, script, status, code] of cases) {
    test(name, async () => {
      await start({ targets: alone, policy: once, more: script === hang ? [impatientWithA] : [] });
      a.reply(script);
      const answer = await ask(gateway);
      const final = ['upstream_credential_rejected', 'upstream_model_not_found'].includes(code);
      assert.equal(answer.headers.get('x-should-retry'), final ? 'false' : null);
      assert.equal(answer.headers.get('retry-after'), name === '429' ? '7' : null);
      assert.match(answer.headers.get('x-request-id')!, /\S/);
      assert.deepEqual(await outcome(answer), [status, code]);
      assert.equal(a.requests.length, 1);
    });
  }

  test('a redirect is not followed, wherever it points', async () => {
    await start({ targets: alone, policy: once });
    for (const to of [`${b.url}/chat/completions`, '/v1/chat/completions']) {
      a.reply(redirect(to));
      assert.deepEqual(await outcome(ask(gateway)), [502, 'upstream_error']);
    }
    assert.deepEqual([a.requests.length, b.requests.length], [2, 0]);
  });

  test('429 everywhere is a 429, with the shortest wait that a provider named', async () => {
    await start({ targets: tiers });
    a.reply(fail(429, { 'retry-after': '5' }));
    b.reply(fail(429, { 'retry-after': '30' }));
    const answer = await ask(gateway);
    assert.equal(answer.headers.get('retry-after'), '5');
    assert.deepEqual(await outcome(answer), [429, 'upstream_rate_limited']);
  });

  test('a 429 without a wait gets one', async () => {
    await start({ targets: alone });
    a.reply(fail(429));
    const answer = await ask(gateway);
    assert.equal(answer.headers.get('retry-after'), '1');
    assert.deepEqual(await outcome(answer), [429, 'upstream_rate_limited']);
    assert.equal(a.requests.length, 1, 'the same target is not asked again');
  });

  test('nothing of the provider’s key, nor of what refused it', async () => {
    await start({ targets: alone, policy: once });
    a.reply(tellCredential);
    const answer = await ask(gateway);
    const everything = JSON.stringify([...answer.headers]) + (await answer.text());
    await until(
      () => gateway.logs().length,
      (lines) => lines > 0,
    );
    for (const text of [everything, ...gateway.logs()]) {
      assert.ok(!text.includes(providerKey('a')) && !text.includes('127.0.0.1'), text);
    }
  });

  for (const status of [400, 422]) {
    test(`a ${status} about the request comes as it is, byte for byte, without the key in it`, async () => {
      await start({ targets: alone });
      const body = `{ "error": {"message":"Käse ☃ ${providerKey('a')}", "code":  12345678901234567890} }\n`;
      a.reply(json(status, body, { 'content-type': 'application/json; charset=utf-8', 'x-own': '1' }));
      const answer = await ask(gateway);
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
      assert.equal(answer.headers.get('x-own'), null);
      assert.equal(await answer.text(), body.replace(providerKey('a'), '[redacted]'));
    });
  }
});

describe('rests', () => {
  test('a target that answered 429 rests for as long as it asked, and the next takes over at once', async () => {
    await start({ targets: tiers });
    a.reply(fail(429, { 'retry-after': '3600' }));
    assert.deepEqual(
      await statuses(() => ask(gateway), 20, 4),
      Array.from({ length: 20 }, () => 200),
    );
    assert.ok(a.requests.length <= 4, 'only what was already on its way');
    const { restsForSeconds } = (await targetsOf())[0]! as unknown as { restsForSeconds: number };
    assert.ok(
      restsForSeconds > 590 && restsForSeconds <= 600,
      'ten minutes at most, unless the policy says more',
    );
  });

  test('an answer to an earlier request does not end the rest', async () => {
    await start({ targets: tiers });
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    a.replyOnce((request) => ({ ...like()(request), steps: [{ until: gate }, ...like()(request).steps] }));
    const early = ask(gateway);
    await a.request(0);
    a.reply(fail(429, { 'retry-after': '3600' }));
    assert.equal((await ask(gateway)).status, 200);
    open();
    assert.equal((await early).status, 200);
    await statuses(() => ask(gateway), 5);
    assert.equal(a.requests.length, 2);
  });

  test('of four targets the dead one gets nothing more once its breaker is open', async () => {
    await start({
      upstreams: { a: a.url, b: b.url, c: c.url, d: d.url },
      policy: { circuitBreaker: { failures: 5, openFor: '1h', maxOpenFor: '1h' } },
    });
    a.reply(fail(500));
    const seen = await statuses(() => ask(gateway), 100);
    assert.ok(seen.every((status) => status === 200));
    assert.equal(a.requests.length, 5);
    const others = [b, c, d].map(({ requests }) => requests.length);
    assert.ok(
      others.every((count) => count >= 30),
      others.join(),
    );
  });

  test('after its rest one request tries it; the others wait for what comes of it', async () => {
    await start({
      targets: tiers,
      policy: { circuitBreaker: { failures: 1, openFor: '20ms', maxOpenFor: '20ms' } },
    });
    a.replyOnce(fail(500));
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    a.reply((request) => ({ ...like()(request), steps: [{ until: gate }, ...like()(request).steps] }));
    await ask(gateway);
    const probes: Promise<Response>[] = [];
    await until(
      () => Promise.race([a.request(1).then(() => true), send().then(() => false)]),
      (probed) => probed,
    );
    function send(): Promise<Response> {
      const answer = ask(gateway);
      probes.push(answer);
      return answer;
    }
    const soFar = b.requests.length;
    await statuses(() => ask(gateway), 20, 5);
    assert.equal(a.requests.length, 2, 'one probe at a time');
    assert.equal(b.requests.length, soFar + 20);
    open();
    for (const answer of probes) assert.equal((await answer).status, 200);
    await statuses(() => ask(gateway), 10, 5);
    assert.equal(a.requests.length, 12, 'the probe was answered: all is as before');
  });

  test('a new key ends the rest of the targets that the old one failed at', async () => {
    const policy = { ...once, circuitBreaker: { failures: 1, openFor: '1h', maxOpenFor: '1h' } };
    const alias = { routing: { whenAllUnhealthy: 'Fail' } };
    await start({ targets: alone, policy, alias });
    a.reply((request) =>
      (request.headers.authorization === 'Bearer sk-new-key' ? like() : fail(401))(request),
    );
    assert.deepEqual(await statuses(() => ask(gateway), 2), [502, 503]);
    const rotated = resources({
      upstreams: { a: a.url },
      credential: { auth: { apiKey: { secretRef: { name: 'rotated', key: 'apiKey' } } } },
      policy,
      alias,
      more: [secret('rotated', { apiKey: 'sk-new-key' })],
    });
    await gateway.use(rotated);
    assert.equal((await ask(gateway)).status, 200);
  });

  for (const [value, seconds] of [
    ['', '1'],
    ['-5', '1'],
    ['1e999', '1'],
    ['soon', '1'],
    ['2.5', '3'],
    ['Thu, 01 Jan 1970 00:00:00 GMT', '0'],
  ] as const) {
    test(`a retry-after of "${value}" is told as ${seconds}`, async () => {
      await start({ targets: alone });
      a.reply(fail(429, { 'retry-after': value }));
      assert.equal((await ask(gateway)).headers.get('retry-after'), seconds);
    });
  }

  const dead = { circuitBreaker: { failures: 1, openFor: '1h', maxOpenFor: '1h' }, ...once };

  test('all are dead and the alias says Fail: 503 at once, nobody is asked', async () => {
    await start({ policy: dead, alias: { routing: { whenAllUnhealthy: 'Fail' } } });
    for (const up of [a, b]) up.reply(fail(500));
    await statuses(() => ask(gateway), 2);
    const answer = await ask(gateway);
    const wait = Number(answer.headers.get('retry-after'));
    assert.ok(wait > 3_500 && wait <= 3_600, `${wait}`);
    assert.deepEqual(await outcome(answer), [503, 'no_healthy_target']);
    assert.deepEqual([a.requests.length, b.requests.length], [1, 1]);
  });

  test('all are dead: the least bad is tried, and serves again as soon as it can', async () => {
    await start({ policy: dead });
    for (const up of [a, b]) up.reply(fail(500));
    assert.deepEqual(await statuses(() => ask(gateway), 4), [502, 502, 502, 502]);
    assert.equal(a.requests.length + b.requests.length, 4);
    a.reply(like());
    const seen = await statuses(() => ask(gateway), 10);
    assert.ok(seen.filter((status) => status === 200).length >= 9, seen.join());
  });
});

describe('retry budget', () => {
  test('of nothing: no target is asked twice', async () => {
    const retries = { attempts: 5, budgetPercent: 0, backoff: { base: '1ms', max: '1ms' } };
    await start({ policy: { retries } });
    for (const up of [a, b]) up.reply(fail(503));
    assert.deepEqual(await statuses(() => ask(gateway), 3), [502, 502, 502]);
    assert.deepEqual([a.requests.length, b.requests.length], [3, 3]);
  });

  test('an outage of the only target is not amplified', async () => {
    await start({ targets: alone, policy: { retries: { backoff: { base: '1ms', max: '1ms' } } } });
    a.reply(fail(503));
    const seen = await statuses(() => ask(gateway), 200);
    assert.ok(seen.every((status) => status === 502));
    assert.ok(a.requests.length <= 1.2 * 200 + 10, `${a.requests.length}`);
    assert.ok(a.requests.length >= 200);
  });
});

describe('several keys in one credential', () => {
  const keys = ['sk-first-provider-key', 'sk-second-provider-key'];
  const used = (): string[] =>
    a.requests.map(({ headers }) => headers.authorization!.slice('Bearer '.length));
  const sketch = (attempts: number): Partial<Sketch> => {
    const secretRefs = ['first', 'second'].map((key) => ({ name: 'keys', key }));
    return {
      targets: [{ at: 'keyed' }],
      policy: { retries: { attempts } },
      more: [
        secret('keys', { first: keys[0]!, second: keys[1]! }),
        ...providerCredential('keyed', { baseURL: a.url, auth: { apiKey: { secretRefs } } }),
      ],
    };
  };

  test('are used in turn', async () => {
    await start(sketch(1));
    await statuses(() => ask(gateway), 10);
    assert.deepEqual(
      used(),
      Array.from({ length: 10 }, (_, i) => keys[i % 2]),
    );
  });

  for (const status of [401, 429]) {
    test(`one that gets ${status} rests, the other serves the same request and those after it`, async () => {
      await start(sketch(2));
      a.reply((request) =>
        (request.headers.authorization === `Bearer ${keys[0]}` ? fail(status) : like())(request),
      );
      assert.deepEqual(
        await statuses(() => ask(gateway), 10),
        Array.from({ length: 10 }, () => 200),
      );
      assert.equal(used().filter((key) => key === keys[0]).length, 1);
    });
  }

  test('all of them refused: the answer says so, and the target rests', async () => {
    await start(sketch(2));
    a.reply(fail(401));
    assert.deepEqual(await outcome(ask(gateway)), [502, 'upstream_credential_rejected']);
    assert.deepEqual(used(), keys);
  });
});
