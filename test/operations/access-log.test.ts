import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Config } from '../../core/config/config.ts';
import { until } from '../edge/until.ts';
import { CALLER_KEY, sha256, testConfig } from '../gateway/config.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { cutAfter, faulty, heldAfter } from '../upstream/faults.ts';
import { fail, like, stream } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';

type Line = Record<string, unknown>;

let up: Upstream;
let second: Upstream;
let gateway: TestGateway;
let config: Config;
before(async () => {
  up = await startUpstream();
  second = await startUpstream();
  config = observed(up.url, second.url);
  gateway = await startGateway(config);
});
after(async () => {
  await gateway.stop();
  await up.stop();
  await second.stop();
});

const DISABLED = 'mg-disabled';

/** `chat` with a second target behind the first; a limit that only watches, and one that refuses `limited`. */
function observed(first: string, other: string): Config {
  return testConfig({
    upstream: first,
    targets: [
      { credential: 'team/up', model: 'gpt-5-mini', weight: 1, priority: 0 },
      { credential: 'team/other', model: 'gpt-other', weight: 1, priority: 1 },
    ],
    change: (content) => ({
      ...content,
      credentials: {
        ...content.credentials,
        'team/other': { ...content.credentials['team/up']!, baseURL: other, keys: [] },
      },
      aliases: {
        ...content.aliases,
        'team/limited': { ...content.aliases['team/chat']!, name: 'limited', policies: ['team/none'] },
        'team/watched': { ...content.aliases['team/chat']!, name: 'watched', policies: ['team/watch'] },
      },
      access: {
        ...content.access,
        own: ['chat', 'limited', 'watched'].map((match) => ({ match, alias: `team/${match}` })),
      },
      callers: {
        ...content.callers,
        'team/off': {
          ...content.callers['team/app']!,
          name: 'off',
          keys: [{ sha256: sha256(DISABLED) }],
          disabled: true,
        },
      },
      policies: {
        'team/none': noRequests('none', 'Enforce'),
        'team/watch': noRequests('watch', 'Monitor'),
      },
    }),
  });
}

function noRequests(name: string, mode: 'Enforce' | 'Monitor'): Config['policies'][string] {
  const limits = [{ name: 'rpd', counts: 'Requests' as const, max: 0, per: 'Day' as const, scope: 'Caller' }];
  return { namespace: 'team', name, mode, limits, circuitBreaker: { failures: 1_000 } };
}

const ask = (fields: object = {}, init: RequestInit & { key?: string } = {}): Promise<Response> =>
  fetch(`${gateway.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${init.key ?? CALLER_KEY}` },
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'Hi' }], ...fields }),
    ...init,
  });

/** The one line of a request, without what differs from run to run. */
async function line(answer: Promise<Response>): Promise<Line> {
  const response = await answer;
  await response.text().catch(() => undefined);
  return lineOf(response.headers.get('x-request-id')!);
}

async function lineOf(id: string): Promise<Line> {
  const found = (): Line[] =>
    gateway
      .logs()
      .map((text) => JSON.parse(text) as Line)
      .filter(({ requestId }) => requestId === id);
  await until(() => found().length > 0);
  const [first, ...more] = found();
  assert.deepEqual(more, [], 'one line for each request');
  const { time, requestId, durationMs, firstByteMs, revision, level, msg, ...rest } = first!;
  assert.ok([time, durationMs, firstByteMs ?? 0].every((n) => typeof n === 'number'));
  assert.deepEqual([requestId, revision, level, msg], [id, config.revision, 30, 'request']);
  return rest;
}

const CALLER = { key: 'team/app', namespace: 'team' };
const FIRST = { provider: 'OpenAICompatible', credential: 'team/up', model: 'gpt-5-mini', attempts: 1 };
const TOKENS = { inputTokens: 1, outputTokens: 1, cachedInputTokens: 0, reasoningTokens: 0 };
const SERVED = {
  endpoint: 'chat/completions',
  status: 200,
  outcome: 'complete',
  ...CALLER,
  alias: 'team/chat',
};

test('an answer', async () => {
  assert.deepEqual(await line(ask()), { ...SERVED, ...FIRST, stream: false, ...TOKENS });
});

test('a stream', async () => {
  assert.deepEqual(await line(ask({ stream: true })), { ...SERVED, ...FIRST, stream: true, ...TOKENS });
});

test('a failed attempt, and the target that served instead', async () => {
  up.replyOnce(fail(503));
  assert.deepEqual(await line(ask()), {
    ...SERVED,
    provider: 'OpenAICompatible',
    credential: 'team/other',
    model: 'gpt-other',
    attempts: 2,
    failures: ['5xx'],
    stream: false,
    ...TOKENS,
  });
});

test('every attempt failed', async () => {
  up.replyOnce(fail(503));
  second.replyOnce(fail(429));
  assert.partialDeepStrictEqual(await line(ask()), {
    status: 429,
    outcome: 'complete',
    error: 'upstream_rate_limited',
    attempts: 2,
    failures: ['5xx', '429'],
  });
});

test("the provider's 400 is the caller's", async () => {
  up.replyOnce(fail(400));
  assert.deepEqual(await line(ask()), { ...SERVED, ...FIRST, status: 400, stream: false });
});

test('a stream that broke, and one in which the provider reported an error', async () => {
  up.replyOnce(faulty(like('lorem'), cutAfter(500)));
  const broken = await line(ask({ stream: true }));
  assert.partialDeepStrictEqual(broken, { status: 200, outcome: 'failed', error: 'upstream_error' });
  up.replyOnce(stream({ choices: [{ delta: { content: 'a' } }] }, { error: { message: 'overloaded' } }));
  assert.partialDeepStrictEqual(await line(ask({ stream: true })), { status: 200, outcome: 'failed' });
});

test('a caller that left: before the answer with 499, in a stream with what it had got', async () => {
  const never = new Promise(() => undefined);
  for (const [pieces, status] of [
    [0, 499],
    [3, 200],
  ] as const) {
    up.replyOnce(faulty(like('lorem'), heldAfter(pieces, never)));
    const n = up.requests.length;
    const id = `left-${pieces}`;
    const controller = new AbortController();
    const answer = ask(
      { stream: true },
      {
        signal: controller.signal,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${CALLER_KEY}`,
          'x-request-id': id,
        },
      },
    );
    if (pieces > 0) await answer;
    else await up.request(n);
    controller.abort();
    await answer.catch(() => undefined);
    assert.partialDeepStrictEqual(await lineOf(id), { status, outcome: 'aborted', alias: 'team/chat' });
  }
});

test('refusals: each has its line, with what was known by then', async () => {
  const unknown = { endpoint: 'chat/completions', outcome: 'complete', stream: false, attempts: 0 };
  const known = { ...unknown, ...CALLER };
  const cases: [Promise<Response>, Line][] = [
    [ask({}, { key: 'mg-unknown' }), { ...unknown, status: 401, error: 'invalid_api_key' }],
    [
      ask({}, { key: DISABLED }),
      { ...unknown, key: 'team/off', namespace: 'team', status: 401, error: 'api_key_disabled' },
    ],
    [ask({}, { body: '{' }), { ...known, status: 400, error: 'invalid_json' }],
    [ask({ model: 'none' }), { ...known, status: 404, error: 'model_not_found' }],
    [ask({ model: 'secret' }), { ...known, alias: 'team/secret', status: 403, error: 'permission_denied' }],
    [
      ask({ model: 'limited' }),
      {
        ...known,
        alias: 'team/limited',
        limitedBy: 'team/none/rpd',
        status: 429,
        error: 'rate_limit_exceeded',
      },
    ],
    [
      ask({}, { method: 'PUT' }),
      { ...unknown, endpoint: 'unknown', status: 405, error: 'method_not_allowed' },
    ],
    [
      fetch(`${gateway.origin}/unknown`),
      { ...unknown, endpoint: 'unknown', status: 404, error: 'unknown_endpoint' },
    ],
    [
      fetch(`${gateway.url}/models`),
      { ...unknown, endpoint: 'models', status: 401, error: 'invalid_api_key' },
    ],
  ];
  for (const [answer, expected] of cases) assert.deepEqual(await line(answer), expected);
});

test('what a policy that only watches would have done', async () => {
  assert.partialDeepStrictEqual(await line(ask({ model: 'watched' })), {
    status: 200,
    wouldHave: ['limit team/watch/rpd'],
  });
});
