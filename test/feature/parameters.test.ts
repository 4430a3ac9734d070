import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { ask } from './ask.ts';
import { modelAlias, resources } from './resources.ts';

let a: Upstream;
let gateway: TestGateway;

before(async () => {
  a = await startUpstream();
});
after(() => a.stop());
beforeEach(() => {
  a.requests.length = 0;
});
afterEach(() => gateway.stop());

async function start(target: object = {}, credential: Record<string, unknown> = {}): Promise<void> {
  const own = modelAlias('same', [{ at: 'a' }], { alias: 'gpt-5-mini' });
  const targets = [{ at: 'a', ...target }];
  gateway = await startGateway(resources({ upstreams: { a: a.url }, targets, credential, more: [own] }));
}

/** The fields that the upstream gets for these, without model and messages. */
async function received(fields: object): Promise<unknown> {
  const answer = await ask(gateway, { fields });
  assert.equal(answer.status, 200, await answer.text());
  const { model, messages, ...rest } = a.requests.at(-1)!.json();
  assert.equal(model, 'gpt-5-mini');
  assert.ok(Array.isArray(messages));
  return rest;
}

describe('the body', () => {
  /** Odd on purpose: order, white space, escapes, numbers that no double can hold. */
  const odd = (model: string): string =>
    ` {"seed":12345678901234567890,\t"temperature": 1.0, "x" : [1e2,{"b":1,"a":-0}],\n "model" : ${model} ,"messages":[{"role":"user","content":"\\u00e4 \\/ 👩‍👩‍👧"}],"metadata":{"a":1,"a":2}} \n`;

  test('is the caller’s, byte for byte, when the names are equal', async () => {
    await start();
    assert.equal((await ask(gateway, { body: odd('"gpt-5-mini"') })).status, 200);
    assert.equal(a.requests[0]!.body.toString(), odd('"gpt-5-mini"'));
  });

  test('but for the model when they are not', async () => {
    await start();
    for (const name of ['"chat"', '"\\u0063hat"']) {
      assert.equal((await ask(gateway, { body: odd(name) })).status, 200);
      assert.equal(a.requests.at(-1)!.body.toString(), odd('"gpt-5-mini"'));
    }
  });

  test('keeps what parameters do not name', async () => {
    await start({ parameters: { set: { temperature: 0 } } });
    await ask(gateway, { body: odd('"chat"') });
    const expected = odd('"gpt-5-mini"').replace('1.0', '0');
    assert.equal(a.requests[0]!.body.toString(), expected);
  });
});

describe('parameters', () => {
  test('set, default, drop, rename and clamp', async () => {
    await start({
      parameters: {
        set: { temperature: 0, response_format: { type: 'text' } },
        default: { max_tokens: 1024, seed: 1 },
        drop: ['logit_bias'],
        rename: { user: 'safety_identifier' },
        clamp: { top_p: { min: '0.1', max: '0.9' }, n: { max: '2' } },
      },
    });
    assert.deepEqual(await received({ temperature: 1, logit_bias: { 5: 1 }, user: 'me', top_p: 1, n: 5 }), {
      temperature: 0,
      response_format: { type: 'text' },
      max_tokens: 1024,
      seed: 1,
      safety_identifier: 'me',
      top_p: 0.9,
      n: 2,
    });
    assert.deepEqual(await received({ max_tokens: 7, seed: null, top_p: 0.5 }), {
      temperature: 0,
      response_format: { type: 'text' },
      max_tokens: 7,
      seed: null,
      top_p: 0.5,
    });
  });

  test('apply in the order drop, rename, default, clamp, set', async () => {
    await start({
      parameters: {
        drop: ['a', 'd'],
        rename: { a: 'b', c: 'd' },
        default: { b: 50, e: 1 },
        clamp: { b: { max: '10' }, d: { max: '10' } },
        set: { e: 2 },
      },
    });
    assert.deepEqual(await received({ a: 1, c: 20, d: 3 }), { b: 10, d: 10, e: 2 });
  });

  test('belong to one target', async () => {
    await start({ parameters: { set: { seed: 1 } } });
    assert.deepEqual(await received({}), { seed: 1 });
    await ask(gateway, { model: 'gpt-5-mini' });
    assert.ok(!('seed' in a.requests.at(-1)!.json()));
  });
});

describe('quirks', () => {
  test('maxCompletionTokens', async () => {
    await start({}, { quirks: { maxCompletionTokens: true } });
    assert.deepEqual(await received({ max_tokens: 5 }), { max_completion_tokens: 5 });
    assert.deepEqual(await received({ max_completion_tokens: 6 }), { max_completion_tokens: 6 });
    assert.deepEqual(await received({}), {});
  });

  test('maxCompletionTokens also for what parameters add', async () => {
    const quirks = { quirks: { maxCompletionTokens: true } };
    await start({ parameters: { default: { max_tokens: 9 }, clamp: { max_tokens: { max: '20' } } } }, quirks);
    assert.deepEqual(await received({}), { max_completion_tokens: 9 });
    assert.deepEqual(await received({ max_tokens: 50 }), { max_completion_tokens: 20 });
    assert.deepEqual(await received({ max_completion_tokens: 6 }), { max_completion_tokens: 6 });
  });
});
