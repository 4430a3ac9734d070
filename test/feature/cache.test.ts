import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { GatewayOptions } from '../../proxy/options.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { cutAfter, faulty, heldAfter, withoutDone } from '../upstream/faults.ts';
import { fail, json, like, stream, type Script } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { ask, askStream, until, type Question } from './ask.ts';
import { callerKey, modelAlias, providerKey, resources, type Sketch } from './resources.ts';

const OTHER = 'mg-other-caller-key-0123456789';
const CACHE = { mode: 'Exact' };

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

const yaml = (policy: object = {}, sketch: Partial<Sketch> = {}): string =>
  resources({
    upstreams: { a: a.url },
    policy: { cache: CACHE, retries: { attempts: 1 }, ...policy },
    more: [callerKey('other', OTHER), modelAlias('code', [{ at: 'a' }])],
    ...sketch,
  });

async function start(policy?: object, sketch?: Partial<Sketch>, options?: Partial<GatewayOptions>) {
  gateway = await startGateway(yaml(policy, sketch), options);
}

const cacheOf = ({ headers }: Response): string | null => headers.get('x-modelgate-cache');

/** What the header says about a request, read to its end. */
async function seen(question: Question = {}): Promise<string | null> {
  const answer = await ask(gateway, question);
  await answer.arrayBuffer();
  return cacheOf(answer);
}

const metrics = async (): Promise<string> => (await fetch(`${gateway.adminUrl}/metrics`)).text();
const streamed = { fields: { stream: true } };
const usageAsked = { fields: { stream: true, stream_options: { include_usage: true } } };

/** The script, which waits for `open` before it answers at all. */
function gated(script: Script): { script: Script; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const held: Script = (request) => {
    const reply = script(request);
    return { ...reply, steps: [{ until: promise }, ...reply.steps] };
  };
  return { script: held, open: resolve };
}

describe('an equal request', () => {
  test('gets the same answer, and the provider does not hear of it', async () => {
    await start();
    const [first, second] = [await ask(gateway), await ask(gateway)];
    assert.deepEqual([cacheOf(first), cacheOf(second)], ['miss', 'hit']);
    assert.equal(second.headers.get('x-modelgate-attempts'), '0');
    assert.equal(second.headers.get('content-type'), first.headers.get('content-type'));
    assert.equal(await second.text(), await first.text());
    assert.equal(a.requests.length, 1);
  });

  test('as a stream gets the same stream', async () => {
    await start();
    for (const question of [streamed, usageAsked]) {
      const first = await ask(gateway, question);
      const text = await first.text();
      const second = await ask(gateway, question);
      assert.deepEqual([cacheOf(first), cacheOf(second)], ['miss', 'hit']);
      assert.match(second.headers.get('content-type')!, /^text\/event-stream/);
      assert.equal(await second.text(), text);
    }
    assert.equal(a.requests.length, 2, 'with and without usage are two answers');
  });

  test('at every endpoint', async () => {
    await start();
    const questions = [
      { path: 'embeddings', body: '{"model":"chat","input":"x"}' },
      { path: 'completions', body: '{"model":"chat","prompt":"x"}' },
      { path: 'chat/completions', body: '{"model":"chat","messages":[{"role":"user","content":"x"}]}' },
    ];
    for (const question of questions) {
      assert.deepEqual([await seen(question), await seen(question)], ['miss', 'hit']);
    }
  });

  test('is one whatever the order of its fields and its white space', async () => {
    await start();
    const bodies = [
      '{"model":"chat","messages":[{"role":"user","content":"a b"}],"seed":1}',
      '{ "seed": 1,\n "stream": false, "messages": [ {"role": "user", "content": "a b"} ], "model": "chat" }',
    ];
    assert.deepEqual([await seen({ body: bodies[0]! }), await seen({ body: bodies[1]! })], ['miss', 'hit']);
  });

  test('costs no tokens, counts as a request, and is told of', async () => {
    await start({ limits: [{ name: 'daily', requests: 2, per: 'Day' }] });
    assert.deepEqual([await seen(), await seen()], ['miss', 'hit']);
    assert.equal((await ask(gateway)).status, 429);
    const lines = await until(
      () => gateway.logs(),
      ({ length }) => length === 3,
    );
    const [miss, hit, refused] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(miss!['cache'], 'miss');
    const { cache, attempts, inputTokens, savedInputTokens, savedOutputTokens } = hit!;
    assert.deepEqual([cache, attempts, inputTokens], ['hit', 0, undefined]);
    assert.deepEqual([savedInputTokens, savedOutputTokens], [miss!['inputTokens'], miss!['outputTokens']]);
    assert.equal(refused!['cache'], undefined);
    const text = await metrics();
    assert.match(text, /modelgate_cache_requests_total\{result="hit"\} 1/);
    assert.match(text, /modelgate_cache_requests_total\{result="miss"\} 1/);
  });
});

describe('another request', () => {
  const message = (content: string) => ({ messages: [{ role: 'user', content }] });
  const others: Record<string, Question> = {
    text: { fields: message('Hi there, you') },
    'white space in the text': { fields: message('Hi  there you') },
    parameter: { fields: { temperature: 0.5 } },
    user: { fields: { user: 'u1' } },
    stream: { fields: { stream: true } },
    alias: { model: 'code' },
    caller: { key: OTHER },
    tools: { fields: { tools: [] } },
  };
  for (const [name, question] of Object.entries(others)) {
    test(`by its ${name}`, async () => {
      await start();
      assert.deepEqual([await seen(), await seen(question), await seen(question)], ['miss', 'miss', 'hit']);
    });
  }

  test('by digits beyond what a double holds, or a nested field that is written twice', async () => {
    await start();
    const bodies = [
      '{"model":"chat","messages":[],"seed":12345678901234567890}',
      '{"model":"chat","messages":[],"seed":12345678901234567891}',
      '{"model":"chat","messages":[{"role":"user","content":"x","content":"y"}]}',
      '{"model":"chat","messages":[{"role":"user","content":"y"}]}',
    ];
    for (const body of bodies) assert.equal(await seen({ body }), 'miss', body);
  });

  test('by a header that a target asks for, or that the provider gets', async () => {
    const targets = [{ at: 'a', when: { headers: { 'x-tier': 'gold' } } }, { at: 'a' }];
    await start({}, { targets, credential: { forwardHeaders: ['x-session'] } });
    const tracing = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    const plans: [Record<string, string>, string][] = [
      [{}, 'miss'],
      [{ 'x-other': '1' }, 'hit'],
      [tracing, 'hit'],
      [{ 'x-tier': 'gold' }, 'miss'],
      [{ 'x-tier': 'silver' }, 'hit'],
      [{ 'x-session': '1' }, 'miss'],
      [{ 'x-session': '1' }, 'hit'],
      [{ 'x-session': '2' }, 'miss'],
    ];
    for (const [headers, expected] of plans) {
      assert.equal(await seen({ headers }), expected, JSON.stringify(headers));
    }
  });

  test('by what the alias has become; not by a policy that changes no answer', async () => {
    await start();
    assert.deepEqual([await seen(), await seen()], ['miss', 'hit']);
    await gateway.use(yaml({ timeouts: { idle: '1m' } }));
    assert.equal(await seen(), 'hit');
    await gateway.use(yaml({}, { targets: [{ at: 'a', parameters: { set: { temperature: 0 } } }] }));
    assert.equal(await seen(), 'miss');
  });

  test('a shorter time to live holds at once, and no policy is no cache', async () => {
    await start();
    assert.deepEqual([await seen(), await seen()], ['miss', 'hit']);
    await gateway.use(yaml({ cache: { mode: 'Exact', ttl: '1ms' } }));
    await until(seen, (cache) => cache === 'miss');
    await gateway.use(yaml({ cache: undefined }));
    assert.equal(await seen(), 'bypass');
  });
});

describe('scopes: who shares answers', () => {
  for (const [scope, expected] of [
    ['Caller', 'miss'],
    ['Namespace', 'hit'],
    ['Alias', 'hit'],
  ] as const) {
    test(scope, async () => {
      await start({ cache: { mode: 'Exact', scope } });
      assert.deepEqual([await seen(), await seen({ key: OTHER })], ['miss', expected]);
      assert.equal(await seen({ model: 'code' }), 'miss', 'never over aliases');
    });
  }
});

describe('what the caller wishes', () => {
  test('no-cache asks anew, and what comes is kept; no-store leaves no trace', async () => {
    await start();
    const anew = { headers: { 'cache-control': 'No-Cache' } };
    const secret = { headers: { 'cache-control': 'private, no-store' } };
    assert.deepEqual([await seen(secret), await seen()], ['bypass', 'miss']);
    assert.deepEqual([await seen(secret), await seen(anew)], ['bypass', 'bypass']);
    assert.equal(await seen(), 'hit');
    assert.equal(a.requests.length, 4);
  });
});

describe('what is no answer is not kept', () => {
  const scripts: Record<string, [Script, Question]> = {
    'an error': [fail(500), {}],
    'a refusal': [json(400, { error: { message: 'no' } }), {}],
    'an error that says 200': [json(200, { error: { message: 'no' } }), {}],
    'half an answer': [json(200, '{"choices":['), {}],
    'a stream that broke': [faulty(like('lorem'), cutAfter(2_000)), streamed],
    'a stream without its end': [faulty(like(), withoutDone), streamed],
    'a stream with an error': [
      stream({ choices: [] }, { error: { message: 'no' } }, 'data: [DONE]\n\n'),
      streamed,
    ],
    'no stream where one was asked for': [json(200, { choices: [] }), streamed],
  };
  for (const [name, [script, question]] of Object.entries(scripts)) {
    test(name, async () => {
      await start({ circuitBreaker: { failures: 100 } });
      a.replyOnce(script);
      assert.notEqual(await seen(question).catch(() => 'broken'), 'hit');
      assert.deepEqual([await seen(question), await seen(question)], ['miss', 'hit']);
    });
  }
});

describe('equal requests that are under way together', () => {
  test('ask the provider once', async () => {
    await start();
    const { script, open } = gated(like());
    a.replyOnce(script);
    const leader = ask(gateway);
    await a.request(0);
    const followers = Array.from({ length: 8 }, () => ask(gateway));
    await allThere(9);
    open();
    const answers = await Promise.all([leader, ...followers]);
    assert.deepEqual(answers.map(cacheOf), ['miss', ...Array<string>(8).fill('hit')]);
    assert.equal(new Set(await Promise.all(answers.map((answer) => answer.text()))).size, 1);
    assert.equal(a.requests.length, 1);
  });

  test('as streams: who joins gets what was there, and the rest as it comes', async () => {
    await start();
    const { promise, resolve } = Promise.withResolvers<void>();
    a.replyOnce(faulty(like('lorem'), heldAfter(3, promise)));
    const leader = await ask(gateway, streamed);
    const follower = await ask(gateway, streamed);
    assert.deepEqual([cacheOf(leader), cacheOf(follower)], ['miss', 'hit']);
    const reader = follower.body!.getReader();
    let text = new TextDecoder().decode((await reader.read()).value);
    assert.match(text, /^data: \{/, 'the beginning, while the provider is in the middle');
    resolve();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += Buffer.from(part.value).toString();
    }
    assert.equal(text, await leader.text());
    assert.equal(await seen(streamed), 'hit');
    assert.equal(a.requests.length, 1);
  });

  test('a leader that fails before the first byte leaves the others to themselves', async () => {
    await start({ circuitBreaker: { failures: 100 } });
    const { script, open } = gated(fail(500));
    a.replyOnce((request) => ({ ...script(request), status: 500 }));
    const leader = ask(gateway);
    await a.request(0);
    const followers = [ask(gateway), ask(gateway)];
    await allThere(3);
    open();
    assert.equal((await leader).status, 502);
    for (const follower of followers) assert.deepEqual(await statusAndCache(follower), [200, 'miss']);
    assert.equal(a.requests.length, 3);
  });

  test('a leader that leaves does not take the stream with it, and who stays is charged', async () => {
    await start();
    const { promise, resolve } = Promise.withResolvers<void>();
    a.replyOnce(faulty(like('lorem'), heldAfter(3, promise)));
    const controller = new AbortController();
    const leader = await askStream(gateway, { signal: controller.signal });
    const follower = await ask(gateway, streamed);
    controller.abort();
    await assert.rejects(leader.text());
    await until(
      () => gateway.logs(),
      ({ length }) => length === 1,
    );
    resolve();
    assert.match(await follower.text(), /\[DONE\]\n\n$/);
    assert.equal(await a.closed(0), 'complete');
    const lines = await until(
      () => gateway.logs(),
      ({ length }) => length === 2,
    );
    const { cache, attempts, outputTokens } = JSON.parse(lines[1]!) as Record<string, unknown>;
    assert.deepEqual([cache, attempts, Number(outputTokens) > 0], ['miss', 1, true]);
  });

  test('when all have left, the provider is told', async () => {
    await start();
    a.replyOnce(faulty(like('lorem'), heldAfter(3, new Promise(() => {}))));
    const controller = new AbortController();
    await askStream(gateway, { signal: controller.signal });
    await askStream(gateway, { signal: controller.signal });
    controller.abort();
    assert.equal(await a.closed(0), 'broken');
    assert.equal(await seen(streamed), 'miss');
  });

  test('a stream that breaks breaks for all', async () => {
    await start();
    const { promise, resolve } = Promise.withResolvers<void>();
    a.replyOnce(faulty(like('lorem'), cutAfter(2_000), heldAfter(1, promise)));
    const answers = [await ask(gateway, streamed), await ask(gateway, streamed)];
    resolve();
    for (const answer of answers) assert.match(await answer.text(), /data: \{"error":.*\n\n$/);
    const lines = await until(
      () => gateway.logs(),
      ({ length }) => length === 2,
    );
    for (const line of lines) assert.match(line, /"outcome":"failed"/);
  });

  /** Waits until so many requests are in the gateway. */
  async function allThere(count: number): Promise<void> {
    await until(metrics, (text) => text.includes(`modelgate_requests_in_flight ${count}\n`));
  }

  async function statusAndCache(answer: Promise<Response>): Promise<[number, string | null]> {
    const response = await answer;
    return [response.status, cacheOf(response)];
  }
});

describe('in Monitor mode', () => {
  test('it is recorded what would have been a hit, and the provider answers', async () => {
    await start({ mode: 'Monitor' });
    assert.deepEqual([await seen(), await seen()], ['bypass', 'bypass']);
    assert.equal(a.requests.length, 2);
    const lines = await until(
      () => gateway.logs(),
      ({ length }) => length === 2,
    );
    assert.doesNotMatch(lines[0]!, /wouldHave/);
    assert.match(lines[1]!, /"wouldHave":\["cache team\/rules"\]/);
  });
});

test('a provider key never comes back from the cache', async () => {
  await start();
  a.replyOnce(json(200, { choices: [], error: null, said: providerKey('a') }));
  await ask(gateway);
  assert.doesNotMatch(await (await ask(gateway)).text(), new RegExp(providerKey('a')));
});
