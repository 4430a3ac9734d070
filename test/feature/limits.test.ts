import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { cutAfter, faulty } from '../upstream/faults.ts';
import { fail, json, like, type Script } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { ask, askStream, outcome, statuses, until, type Question } from './ask.ts';
import { callerKey, modelAlias, resources, trafficPolicy, type Sketch } from './resources.ts';

const DAY = 86_400_000;
const OTHER = 'mg-other-caller-key-0123456789';

let a: Upstream;
let gateway: TestGateway;

before(async () => {
  a = await startUpstream();
});
after(() => a.stop());
beforeEach(() => {
  a.reply(like());
  a.requests.length = 0;
});
afterEach(() => gateway.stop());

/** The callers `app` and `other`, the aliases `chat` and `code`. */
const yaml = (policy: Sketch['policy'], sketch: Partial<Sketch> = {}): string => {
  const { more = [], ...rest } = sketch;
  const others = [
    callerKey('other', OTHER, { attributes: { tier: 'gold' } }),
    modelAlias('code', [{ at: 'a' }]),
  ];
  return resources({
    upstreams: { a: a.url },
    ...(policy && { policy }),
    more: [...others, ...more],
    ...rest,
  });
};

async function start(policy: Sketch['policy'], sketch?: Partial<Sketch>): Promise<void> {
  gateway = await startGateway(yaml(policy, sketch));
}

const daily = (requests: number, more: object = {}) => ({ name: 'daily', requests, per: 'Day', ...more });
const metrics = async (): Promise<string> => (await fetch(`${gateway.adminUrl}/metrics`)).text();

/** Holds the next answer back until it is opened. */
function gate(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  a.replyOnce((request) => ({ ...like()(request), steps: [{ until: promise }, ...like()(request).steps] }));
  return resolve;
}

describe('requests in a window', () => {
  test('every answer says what is left; beyond it 429 says when to come back', async () => {
    await start({ limits: [daily(3)] });
    const left: (string | null)[] = [];
    for (let i = 0; i < 3; i++) {
      const { status, headers } = await ask(gateway);
      assert.deepEqual([status, headers.get('x-ratelimit-limit-requests')], [200, '3']);
      assert.match(headers.get('x-ratelimit-reset-requests')!, /^(\d+h)?(\d+m)?(\d+s)?$/);
      assert.equal(headers.get('retry-after'), null);
      left.push(headers.get('x-ratelimit-remaining-requests'));
    }
    assert.deepEqual(left, ['2', '1', '0']);

    const earliest = Date.now();
    const refused = await ask(gateway);
    const latest = Date.now();
    assert.equal(refused.headers.get('x-ratelimit-remaining-requests'), '0');
    const ms = Number(refused.headers.get('retry-after-ms'));
    const midnight = (Math.floor(earliest / DAY) + 1) * DAY;
    assert.ok(ms >= midnight - latest && ms <= midnight - earliest, 'windows end with the UTC day');
    assert.equal(refused.headers.get('retry-after'), String(Math.ceil(ms / 1_000)));
    assert.equal(refused.headers.get('x-should-retry'), null);
    const { error } = (await refused.json()) as { error: { code: string; type: string; message: string } };
    assert.deepEqual([error.code, error.type], ['rate_limit_exceeded', 'rate_limit_error']);
    assert.match(error.message, /team\/rules\/daily of 3 requests per day/);
    assert.equal(a.requests.length, 3, 'the upstream saw nothing of it');

    const lines = await until(
      () => gateway.logs(),
      ({ length }) => length === 4,
    );
    assert.partialDeepStrictEqual(JSON.parse(lines[3]!), { status: 429, limitedBy: 'team/rules/daily' });
    assert.match(await metrics(), /modelgate_limit_rejections_total\{limit="team\/rules\/daily"\} 1/);
  });

  test('streams, embeddings and completions count as well', async () => {
    await start({ limits: [daily(3)] });
    const embedding = { path: 'embeddings', body: JSON.stringify({ model: 'chat', input: 'x' }) };
    const completion = { path: 'completions', body: JSON.stringify({ model: 'chat', prompt: 'x' }) };
    assert.deepEqual(
      [...(await statuses(() => askStream(gateway), 1)), (await ask(gateway, embedding)).status],
      [200, 200],
    );
    assert.equal((await ask(gateway, completion)).status, 200);
    for (const question of [{}, embedding, completion]) {
      assert.deepEqual(await outcome(ask(gateway, question)), [429, 'rate_limit_exceeded']);
    }
    assert.deepEqual(await outcome(askStream(gateway)), [429, 'rate_limit_exceeded']);
  });

  test('hold under concurrency to the last request', async () => {
    await start({ limits: [daily(40)] });
    const seen = await statuses(() => ask(gateway), 120, 24);
    assert.equal(seen.filter((status) => status === 200).length, 40);
    assert.equal(a.requests.length, 40);
  });

  test('the tightest limit is shown', async () => {
    await start({ limits: [daily(100), { name: 'hourly', requests: 2, per: 'Hour' }] });
    const { headers } = await ask(gateway);
    assert.equal(headers.get('x-ratelimit-limit-requests'), '2');
    assert.equal(headers.get('x-ratelimit-remaining-requests'), '1');
  });

  test('a limit per week says when the week ends', async () => {
    await start({ limits: [{ name: 'weekly', requests: 1, per: 'Week' }] });
    const first = await ask(gateway);
    assert.equal(first.status, 200);
    assert.equal(first.headers.get('x-ratelimit-limit-requests'), '1');
    const refused = await ask(gateway);
    assert.equal(refused.status, 429);
    const retryAfter = Number(refused.headers.get('retry-after'));
    assert.ok(retryAfter > 0 && retryAfter <= (7 * DAY) / 1_000);
  });

  test('limits of several policies all hold', async () => {
    const mine = trafficPolicy('mine', {
      targetRefs: [{ kind: 'CallerKey', name: 'app' }],
      limits: [{ name: 'own', requests: 1, per: 'Day' }],
    });
    await start({ limits: [daily(3, { scope: 'Alias' })] }, { more: [mine] });
    assert.deepEqual(await statuses(() => ask(gateway), 3), [200, 429, 429]);
    assert.deepEqual(await statuses(() => ask(gateway, { key: OTHER }), 3), [200, 200, 429]);
  });

  test('what one limit refuses is not charged to the others', async () => {
    await start({ limits: [daily(2), { name: 'alias', requests: 4, per: 'Day', scope: 'Alias' }] });
    assert.deepEqual(await statuses(() => ask(gateway), 6), [200, 200, 429, 429, 429, 429]);
    assert.deepEqual(await statuses(() => ask(gateway, { key: OTHER }), 2), [200, 200]);
  });

  test('a request that is refused for another reason costs nothing', async () => {
    await start({ limits: [daily(1)] });
    assert.equal((await ask(gateway, { model: 'nothing' })).status, 404);
    assert.equal((await ask(gateway, { body: '{"model":"chat"' })).status, 400);
    assert.equal((await ask(gateway)).status, 200);
  });
});

describe('scopes: whose requests are counted together', () => {
  const me = {};
  const other = { key: OTHER };
  const code = { model: 'code' };
  const red = { headers: { 'x-team': 'red' } };
  const blue = { headers: { 'X-Team': 'blue' } };
  const cases: [string, [Question, number][]][] = [
    [
      'Caller',
      [
        [me, 200],
        [code, 429],
        [other, 200],
        [{ ...other, ...code }, 429],
      ],
    ],
    [
      'Alias',
      [
        [me, 200],
        [other, 429],
        [code, 200],
      ],
    ],
    [
      'CallerAndAlias',
      [
        [me, 200],
        [code, 200],
        [other, 200],
        [me, 429],
        [{ ...other, ...code }, 200],
      ],
    ],
    [
      'Namespace',
      [
        [me, 200],
        [other, 429],
        [code, 429],
      ],
    ],
    [
      'Target',
      [
        [me, 200],
        [other, 429],
        [code, 429],
      ],
    ],
    [
      'Header:X-Team',
      [
        [red, 200],
        [blue, 200],
        [{ ...red, ...other }, 429],
        [me, 200],
        [other, 429],
      ],
    ],
    [
      'Attribute:tier',
      [
        [other, 200],
        [me, 200],
        [{ ...other, ...code }, 429],
        [code, 429],
      ],
    ],
  ];
  for (const [scope, questions] of cases) {
    test(scope, async () => {
      await start({ limits: [daily(1, { scope })] });
      for (const [question, status] of questions) {
        assert.equal((await ask(gateway, question)).status, status, JSON.stringify(question));
      }
    });
  }
});

describe('requests at once', () => {
  const two = { limits: [{ name: 'at-once', concurrent: 2 }] };

  test('beyond it 429 at once; a place that is free again is given away', async () => {
    await start(two);
    const gates = [gate(), gate()];
    const waiting = [ask(gateway), ask(gateway)];
    await a.request(1);
    const refused = await ask(gateway);
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.equal(refused.headers.get('x-ratelimit-limit-requests'), null);
    assert.match(await refused.text(), /at-once of 2 requests at once/);
    for (const open of gates) open();
    for (const answer of waiting) assert.equal((await answer).status, 200);
    await until(
      async () => (await ask(gateway)).status,
      (status) => status === 200,
    );
  });

  const endings: Record<string, Script> = {
    'an answer': like(),
    'an error of the provider': fail(500),
    'a refusal of the provider': json(400, { error: {} }),
    'a broken stream': faulty(like('lorem'), cutAfter(2_000)),
    'a connection that is cut': faulty(like(), cutAfter(0)),
  };
  for (const [name, script] of Object.entries(endings)) {
    test(`${name} gives the place back`, async () => {
      await start(two);
      a.reply(script);
      await statuses(() => askStream(gateway), 4);
      await statuses(() => ask(gateway).catch(() => new Response()), 4);
      a.reply(like());
      await until(
        async () => (await statuses(() => ask(gateway), 2, 2)).join(),
        (seen) => seen === '200,200',
      );
    });
  }
});

test('in Monitor mode everything passes; log and metrics say what would not have', async () => {
  const limits = [daily(1), { name: 'at-once', concurrent: 1 }];
  await start({ mode: 'Monitor', limits });
  for (let i = 0; i < 3; i++) {
    const { status, headers } = await ask(gateway);
    assert.deepEqual([status, headers.get('x-ratelimit-limit-requests')], [200, null]);
  }
  const lines = await until(
    () => gateway.logs(),
    ({ length }) => length === 3,
  );
  const wouldHave = lines.map((line) => (JSON.parse(line) as { wouldHave?: string[] }).wouldHave);
  assert.deepEqual(wouldHave, [undefined, ['limit team/rules/daily'], ['limit team/rules/daily']]);
  assert.match(await metrics(), /modelgate_would_have_total\{decision="limit team\/rules\/daily"\} 2/);
});

describe('a new configuration', () => {
  test('keeps the counts', async () => {
    await start({ limits: [daily(3)] });
    await statuses(() => ask(gateway), 2);
    await gateway.use(yaml({ limits: [daily(3)] }, { alias: { description: 'new' } }));
    assert.deepEqual(await statuses(() => ask(gateway), 2), [200, 429]);
    await gateway.use(yaml({ limits: [daily(5)] }));
    assert.deepEqual(await statuses(() => ask(gateway), 3), [200, 200, 429]);
    await gateway.use(yaml({ limits: [daily(1)] }));
    assert.equal((await ask(gateway)).status, 429);
  });

  test('keeps count of what is under way', async () => {
    const policy = { limits: [{ name: 'at-once', concurrent: 1 }] };
    await start(policy);
    const open = gate();
    const waiting = ask(gateway);
    await a.request(0);
    await gateway.use(yaml(policy, { alias: { description: 'new' } }));
    assert.equal((await ask(gateway)).status, 429);
    open();
    assert.equal((await waiting).status, 200);
    await until(
      async () => (await ask(gateway)).status,
      (status) => status === 200,
    );
  });

  test('may make another limit of the same name', async () => {
    await start({ limits: [{ name: 'one', concurrent: 1 }] });
    const open = gate();
    const waiting = ask(gateway);
    await a.request(0);
    await gateway.use(yaml({ limits: [{ name: 'one', requests: 1, per: 'Second' }] }));
    await until(
      async () => (await ask(gateway)).status,
      (status) => status === 200,
    );
    open();
    assert.equal((await waiting).status, 200);
    // A second later there is room again: the count is one of the window, not of what is under way.
    await until(
      async () => (await ask(gateway)).status,
      (status) => status === 429,
    );
    await until(
      async () => (await ask(gateway)).status,
      (status) => status === 200,
    );
  });
});
