import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { GatewayOptions } from '../../proxy/options.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { crlf, cutAfter, faulty, heldAfter, splitAt, withComments, withoutDone } from '../upstream/faults.ts';
import { fail, json, like, stream, type Script } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { ask, askStream, eventsOf, outcome, statuses, until } from './ask.ts';
import { providerKey, resources, type Sketch } from './resources.ts';

const DONE = 'data: [DONE]\n\n';
const PING = ': ping\n\n';
const usageAsked = { stream: true, stream_options: { include_usage: true } };

let a: Upstream;
let b: Upstream;
let gateway: TestGateway;

before(async () => {
  [a, b] = [await startUpstream(), await startUpstream()];
});
after(() => Promise.all([a.stop(), b.stop()]));
beforeEach(() => {
  for (const up of [a, b]) {
    up.reply(like());
    up.requests.length = 0;
  }
});
afterEach(() => gateway.stop());

/** `b` is there when `a` fails. */
async function start(sketch: Partial<Sketch> = {}, options: Partial<GatewayOptions> = {}): Promise<void> {
  const targets = [{ at: 'a' }, { at: 'b', priority: 1 }];
  const yaml = resources({ upstreams: { a: a.url, b: b.url }, targets, ...sketch });
  gateway = await startGateway(yaml, options);
}

const textOf = async (answer: Promise<Response>): Promise<string> => (await answer).text();

/** What the upstream itself answers to the body that it was sent last. */
async function direct(up = a): Promise<string> {
  const { body } = up.requests.at(-1)!;
  const headers = { 'content-type': 'application/json' };
  return (await fetch(`${up.url}/chat/completions`, { method: 'POST', headers, body })).text();
}

const withoutUsage = (text: string): string => text.replace(/data: \{[^\n]*"choices":\[\],[^\n]*\n\n/, '');

/** Reads a stream until this much of it is there. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, wanted: RegExp): Promise<string> {
  let text = '';
  while (!wanted.test(text)) {
    const { done, value } = await reader.read();
    assert.ok(!done, `the stream ended with ${text.slice(-300)}`);
    text += Buffer.from(value).toString();
  }
  return text;
}

async function rest(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  let text = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += Buffer.from(part.value).toString();
  }
  return text;
}

/** Holds an answer back, head and all, until it is opened. */
function gated(script: Script): { script: Script; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const held: Script = (request) => {
    const reply = script(request);
    return {
      ...reply,
      steps: (function* steps() {
        yield { until: promise };
        yield* reply.steps;
      })(),
    };
  };
  return { script: held, open: resolve };
}

describe('the bytes', () => {
  test('are the upstream’s, when the caller asks for usage', async () => {
    await start();
    const answer = await askStream(gateway, { fields: usageAsked });
    assert.match(answer.headers.get('content-type')!, /^text\/event-stream/);
    assert.equal(answer.headers.get('cache-control'), 'no-cache');
    assert.equal(await answer.text(), await direct());
  });

  test('lack the usage that only the gateway asked for', async () => {
    await start();
    const text = await textOf(askStream(gateway));
    assert.deepEqual(a.requests[0]!.json()['stream_options'], { include_usage: true });
    const whole = await direct();
    assert.notEqual(whole, withoutUsage(whole));
    assert.equal(text, withoutUsage(whole));
    const [line] = await until(
      () => gateway.logs(),
      ({ length }) => length > 0,
    );
    assert.partialDeepStrictEqual(JSON.parse(line!), { inputTokens: 3, outputTokens: 3, stream: true });
  });

  test('other stream options stay', async () => {
    await start();
    const fields = { stream_options: { include_obfuscation: false, include_usage: false } };
    await textOf(askStream(gateway, { fields }));
    assert.deepEqual(a.requests[0]!.json()['stream_options'], {
      include_obfuscation: false,
      include_usage: true,
    });
  });

  test('a server that refuses stream_options never gets them', async () => {
    await start({ credential: { quirks: { noStreamOptions: true } } });
    await textOf(askStream(gateway));
    await textOf(askStream(gateway, { fields: usageAsked }));
    await textOf(ask(gateway, { fields: { stream_options: null } }));
    for (const { json: body } of a.requests) assert.ok(!('stream_options' in body()), JSON.stringify(body()));
  });

  test('are the same wherever the network cuts them', async () => {
    await start();
    const messages = [{ role: 'user', content: 'Käse ☃ 👩‍👩‍👧 "data: [DONE]"\n\n ende' }];
    const expected = await textOf(askStream(gateway, { fields: { messages } }));
    assert.ok(expected.includes('👩‍👩‍👧') && expected.endsWith(DONE));
    const length = Buffer.byteLength(await direct());
    // Every eleventh offset, and every one where a character of several bytes, an event or the usage is cut.
    const offsets = Array.from({ length }, (_, i) => i + 1).filter((i) => i % 11 === 0 || i > length - 20);
    await Promise.all(
      [0, 1, 2, 3].map(async (worker) => {
        for (const offset of offsets.filter((_, i) => i % 4 === worker)) {
          a.replyOnce(faulty(like(), splitAt(offset, offset + 1)));
          const text = await textOf(askStream(gateway, { fields: { messages } }));
          assert.equal(text, expected, `cut at ${offset}`);
        }
      }),
    );
  });

  test('keep their line ends and comments', async () => {
    await start();
    const plain = await textOf(askStream(gateway, { fields: usageAsked }));
    a.replyOnce(faulty(like(), crlf));
    assert.equal(await textOf(askStream(gateway, { fields: usageAsked })), plain.replaceAll('\n', '\r\n'));
    a.replyOnce(faulty(like(), crlf));
    assert.equal(await textOf(askStream(gateway)), withoutUsage(plain).replaceAll('\n', '\r\n'));
    a.replyOnce(faulty(like(), withComments()));
    const commented = await textOf(askStream(gateway, { fields: usageAsked }));
    assert.equal(commented.replaceAll(': OPENROUTER PROCESSING\n\n', ''), plain);
    assert.notEqual(commented, plain);
  });

  test('may lack the blank line behind the end', async () => {
    await start();
    for (const end of ['data: [DONE]', 'data: [DONE]\n', 'data:[DONE]\r\n']) {
      a.replyOnce(stream({ choices: [{ delta: { content: 'x' } }] }, end));
      const text = await textOf(askStream(gateway));
      assert.match(text, /^data: \{[^\n]*\n\ndata: ?\[DONE\]\r?\n\n+$/);
    }
  });

  test('of legacy completions too', async () => {
    await start();
    const body = JSON.stringify({ model: 'chat', prompt: 'once upon', stream: true });
    const text = await textOf(ask(gateway, { path: 'completions', body }));
    assert.match(text, /"object":"text_completion"/);
    assert.ok(text.endsWith(DONE) && !/"usage":\{/.test(text));
  });
});

describe('a stream that breaks', () => {
  const silentEnds: Record<string, Script> = {
    'by a reset in the middle': faulty(like('lorem'), cutAfter(2_000, 'reset')),
    'by the end of the connection': faulty(like('lorem'), cutAfter(2_000, 'fin')),
    'by a proper end without [DONE]': faulty(like('lorem'), withoutDone),
    'inside of an event': stream({ choices: [] }, 'data: {"choices":[{"delta":{"content":"half'),
    'with an event that never ends': stream({ choices: [] }, `data: ${'x'.repeat(5 * 1024 * 1024)}`),
  };
  for (const [name, script] of Object.entries(silentEnds)) {
    test(`${name}: an error event, no [DONE], nobody else is asked`, async () => {
      await start();
      a.reply(script);
      const answer = await askStream(gateway);
      assert.equal(answer.status, 200);
      const text = await answer.text();
      assert.ok(!text.includes('[DONE]'));
      const events = eventsOf(text);
      assert.partialDeepStrictEqual(JSON.parse(events.at(-1)!), { error: { code: 'upstream_error' } });
      for (const event of events) assert.doesNotThrow(() => JSON.parse(event), event);
      assert.equal(b.requests.length, 0);
      const [line] = await until(
        () => gateway.logs(),
        ({ length }) => length > 0,
      );
      assert.partialDeepStrictEqual(JSON.parse(line!), { outcome: 'failed', error: 'upstream_error' });
    });
  }

  const beforeFirstEvent: Record<string, Script> = {
    'after one byte': faulty(like(), cutAfter(1)),
    'in its first event': faulty(like(), cutAfter(60, 'fin')),
    'without an event': stream(),
    'with half an event': stream('data: {"cho'),
    'with an error as its first event': stream({ error: { message: 'overloaded', type: 'server_error' } }),
    'with an error that has a status': stream({ error: { message: 'slow down', code: 429 } }),
  };
  for (const [name, script] of Object.entries(beforeFirstEvent)) {
    test(`${name}: the next target takes over, the caller sees nothing of it`, async () => {
      await start();
      a.reply(script);
      const answer = await askStream(gateway, { fields: usageAsked });
      assert.equal(answer.headers.get('x-modelgate-attempts'), '2');
      assert.equal(await answer.text(), await direct(b));
    });
  }

  test('counts against its target', async () => {
    await start({ policy: { circuitBreaker: { failures: 1, openFor: '1h', maxOpenFor: '1h' } } });
    a.reply(faulty(like('lorem'), cutAfter(2_000)));
    assert.ok(!(await textOf(askStream(gateway))).includes('[DONE]'));
    await statuses(() => askStream(gateway), 5);
    assert.deepEqual([a.requests.length, b.requests.length], [1, 5]);
  });

  test('does not where the policy counts other failures', async () => {
    const openOn = ['5xx'];
    await start({ policy: { circuitBreaker: { failures: 1, openFor: '1h', maxOpenFor: '1h', openOn } } });
    a.reply(faulty(like('lorem'), cutAfter(2_000)));
    await statuses(() => askStream(gateway), 3);
    assert.deepEqual([a.requests.length, b.requests.length], [3, 0]);
  });

  test('behind [DONE] has not broken', async () => {
    await start();
    a.reply((request) => ({ ...like()(request), steps: [...like()(request).steps, { cut: 'reset' }] }));
    const text = await textOf(askStream(gateway));
    assert.ok(text.endsWith(DONE));
    const [line] = await until(
      () => gateway.logs(),
      ({ length }) => length > 0,
    );
    assert.partialDeepStrictEqual(JSON.parse(line!), { outcome: 'complete' });
  });

  test('with an error about the request as its first event: the caller gets it as it is', async () => {
    await start();
    const error = { message: 'Too long', type: 'invalid_request_error', code: 'context_length_exceeded' };
    a.reply(stream({ error }));
    assert.deepEqual(JSON.parse(eventsOf(await textOf(askStream(gateway)))[0]!), { error });
    assert.equal(b.requests.length, 0);
  });

  test('with an error event of the provider: it is passed on, without our key', async () => {
    await start();
    const error = { message: `overloaded, says ${providerKey('a')}`, type: 'server_error' };
    a.reply(stream({ choices: [{ delta: { content: 'x' } }] }, { error }));
    const text = await textOf(askStream(gateway));
    const last = JSON.parse(eventsOf(text).at(-1)!) as unknown;
    assert.deepEqual(last, { error: { ...error, message: 'overloaded, says [redacted]' } });
    assert.equal(eventsOf(text).length, 2);
  });
});

describe('signs of life', () => {
  const lively = (sketch: Partial<Sketch> = {}) => start(sketch, { heartbeatEvery: 20 });

  test('before the first byte, and in the middle', async () => {
    await lively();
    const { script, open } = gated(like());
    const { promise: middle, resolve: goOn } = Promise.withResolvers<void>();
    a.replyOnce(faulty(script, heldAfter(2, middle)));
    const answer = await askStream(gateway, { fields: usageAsked });
    assert.equal(answer.status, 200);
    const reader = answer.body!.getReader();
    let text = await readUntil(reader, /: ping\n\n(: ping\n\n)+$/);
    assert.equal(text.replaceAll(PING, ''), '');
    open();
    text += await readUntil(reader, /\}\n\n(: ping\n\n)+$/);
    goOn();
    text += await rest(reader);
    assert.equal(text.replaceAll(PING, ''), await direct());
  });

  /** Asks, waits for a sign of life, lets the upstream go on, and reads to the end. */
  async function afterPing(script: Script): Promise<string> {
    const { script: held, open } = gated(() => ({ status: 0, headers: {}, steps: [] }));
    a.replyOnce((request) => ({
      ...script(request),
      steps: (function* steps() {
        yield* held(request).steps;
        yield* script(request).steps;
      })(),
    }));
    const answer = await askStream(gateway);
    const reader = answer.body!.getReader();
    await readUntil(reader, /: ping\n\n$/);
    open();
    return (await rest(reader)).replaceAll(PING, '');
  }

  test('an error behind one comes as an event', async () => {
    await lively({ policy: { retries: { attempts: 1 } } });
    const [event, ...more] = eventsOf(await afterPing(fail(500)));
    assert.partialDeepStrictEqual(JSON.parse(event!), { error: { code: 'upstream_error' } });
    assert.deepEqual(more, []);
  });

  test('a provider’s 4xx about the request too, in its own words', async () => {
    await lively();
    const error = { message: `Too long, ${providerKey('a')}`, code: 'context_length_exceeded' };
    const [event, ...more] = eventsOf(await afterPing(json(400, JSON.stringify({ error }, null, 2))));
    assert.deepEqual(JSON.parse(event!), { error: { ...error, message: 'Too long, [redacted]' } });
    assert.deepEqual(more, []);
  });

  test('an answer that is no stream is an error then', async () => {
    await lively();
    for (const script of [json(200, { a: 1 }), json(400, 'no JSON\n\nat all'), json(400, '"text"')]) {
      const [event, ...more] = eventsOf(await afterPing(script));
      assert.partialDeepStrictEqual(JSON.parse(event!), { error: { code: 'upstream_error' } });
      assert.deepEqual(more, []);
    }
  });

  test('the next target can still take over', async () => {
    await lively();
    const text = await afterPing(fail(500));
    assert.ok(text.endsWith(DONE));
    assert.equal(b.requests.length, 1);
  });

  test('none in an answer that is no stream', async () => {
    await lively();
    const { script, open } = gated(like());
    a.replyOnce(script);
    const answer = ask(gateway);
    await a.request(0);
    const streamed = gated(like());
    a.replyOnce(streamed.script);
    const reader = (await askStream(gateway)).body!.getReader();
    await readUntil(reader, /: ping\n\n(: ping\n\n)+$/);
    streamed.open();
    await rest(reader);
    open();
    assert.equal((await answer).status, 200);
    assert.ok(await (await answer).json());
  });
});

describe('a caller', () => {
  test('that reads slowly slows the provider down: memory stays flat', async () => {
    await start();
    const event = `data: ${JSON.stringify({ choices: [{ delta: { content: 'x'.repeat(50_000) } }] })}\n\n`;
    const pieces = 1_000;
    let produced = 0;
    a.replyOnce(() => ({
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      steps: (function* steps() {
        for (; produced < pieces; produced++) yield { write: event };
        yield { write: DONE };
      })(),
    }));
    const atFirst = memory();
    const answer = await askStream(gateway);
    const reader = answer.body!.getReader();
    let length = (await reader.read()).value!.length;
    await statuses(() => ask(gateway), 50);
    assert.ok(produced < pieces / 2, `${produced} of ${pieces}`);
    assert.ok(memory() - atFirst < 32 * 1024 * 1024);
    for (let part = await reader.read(); !part.done; part = await reader.read()) length += part.value.length;
    assert.equal(length, event.length * pieces + DONE.length);
  });

  const memory = (): number => process.memoryUsage().arrayBuffers + process.memoryUsage().external;

  const oneAtOnce = { limits: [{ name: 'one', concurrent: 1 }] };

  for (const [name, script] of Object.entries({
    'before the head': gated(like()).script,
    'before the first byte': faulty(like(), heldAfter(0, new Promise(() => {}))),
    'in the middle': faulty(like('lorem'), heldAfter(5, new Promise(() => {}))),
  })) {
    test(`that leaves ${name} closes the call at the provider and gives its place back`, async () => {
      await start({ policy: oneAtOnce });
      a.replyOnce(script);
      const controller = new AbortController();
      const answer = askStream(gateway, { signal: controller.signal });
      await a.request(0);
      if (name === 'in the middle') await (await answer).body!.getReader().read();
      assert.deepEqual(await outcome(ask(gateway)), [429, 'rate_limit_exceeded']);
      controller.abort();
      await answer.catch(() => undefined);
      assert.equal(await a.closed(0), 'broken');
      await until(
        async () => (await ask(gateway)).status,
        (status) => status === 200,
      );
      assert.equal(b.requests.length, 0, 'nobody else is asked for a caller that left');
      const aborted = (): string[] => gateway.logs().filter((line) => line.includes('"outcome":"aborted"'));
      await until(aborted, ({ length }) => length === 1);
    });
  }

  test('that leaves does not count against the target', async () => {
    await start({ policy: { circuitBreaker: { failures: 1, openFor: '1h', maxOpenFor: '1h' } } });
    a.replyOnce(gated(like()).script);
    const controller = new AbortController();
    const answer = askStream(gateway, { signal: controller.signal });
    await a.request(0);
    controller.abort();
    await assert.rejects(answer);
    await a.closed(0);
    assert.deepEqual(await statuses(() => ask(gateway), 5), [200, 200, 200, 200, 200]);
    assert.equal(b.requests.length, 0);
  });
});
