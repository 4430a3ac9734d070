import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { faulty, heldAfter, paced } from '../upstream/faults.ts';
import { fail, hang, like } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { ask, askStream, eventsOf, outcome, statuses } from './ask.ts';
import { callerKey, modelAlias, resources, trafficPolicy, type Sketch } from './resources.ts';

const never = new Promise(() => {});

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

async function start(timeouts: Record<string, string>, sketch: Partial<Sketch> = {}): Promise<void> {
  const policy = { timeouts, retries: { attempts: 1 } };
  gateway = await startGateway(resources({ upstreams: { a: a.url }, policy, ...sketch }));
}

/** The message of the error that an answer or a stream ends with. */
async function complaint(answer: Response | Promise<Response>): Promise<string> {
  const text = await (await answer).text();
  const { error } = JSON.parse(eventsOf(text).at(-1)!) as { error: { message: string } };
  return error.message;
}

describe('each timeout', () => {
  test('connect: an address that accepts and never says a word of TLS', async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const sockets = new Set<{ destroy(): void }>();
    mute.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
    const at = `https://127.0.0.1:${(mute.address() as AddressInfo).port}/v1`;
    await start({ connect: '30ms', firstByte: '1h' }, { upstreams: { a: at } });
    const answer = await ask(gateway);
    assert.equal(answer.status, 504);
    assert.match(await complaint(answer), /accept a connection within 0\.03 s/);
    for (const socket of sockets) socket.destroy();
    mute.close();
  });

  test('firstByte: no head', async () => {
    await start({ firstByte: '30ms' });
    a.reply(hang);
    const answer = await ask(gateway);
    assert.equal(answer.status, 504);
    assert.match(await complaint(answer), /begin to answer within 0\.03 s/);
    assert.equal(await a.closed(), 'broken', 'the provider is told that nobody waits any more');
  });

  test('firstByte: a head and no body', async () => {
    await start({ firstByte: '30ms' });
    a.reply(faulty(like(), heldAfter(0, never)));
    assert.deepEqual(await outcome(askStream(gateway)), [504, 'upstream_timeout']);
    assert.deepEqual(await outcome(ask(gateway)), [504, 'upstream_timeout']);
  });

  test('idle: silence in a stream ends it with an error event', async () => {
    await start({ idle: '200ms' });
    a.reply(faulty(like('lorem'), heldAfter(3, never)));
    const text = await (await askStream(gateway)).text();
    assert.ok(!text.includes('[DONE]'));
    const events = eventsOf(text);
    assert.equal(events.length, 4);
    assert.partialDeepStrictEqual(JSON.parse(events[3]!), { error: { code: 'upstream_timeout' } });
    assert.equal(await a.closed(), 'broken');
  });

  test('idle: silence in the middle of a whole answer', async () => {
    await start({ idle: '30ms', firstByte: '1h' });
    a.reply(() => ({ status: 200, headers: {}, steps: [{ write: '{"a":' }, { until: never }] }));
    const answer = await ask(gateway);
    assert.equal(answer.status, 504);
    assert.match(await complaint(answer), /fell silent/);
  });

  test('a whole answer that comes in pieces may take longer than firstByte', async () => {
    await start({ firstByte: '500ms', idle: '1h' });
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    a.replyOnce(() => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      steps: [{ write: '{"a":' }, { until: gate }, { write: '1}' }],
    }));
    const answer = ask(gateway);
    await a.request(0);
    // Whoever is as slow to begin, and came later, has been given up by now.
    a.reply(hang);
    assert.equal((await ask(gateway)).status, 504);
    open();
    assert.deepEqual(await (await answer).json(), { a: 1 });
  });

  test('total: also of a stream that never falls silent', async () => {
    await start({ total: '80ms' });
    a.reply(faulty(like('lorem'), paced(10)));
    const text = await (await askStream(gateway)).text();
    assert.ok(!text.includes('[DONE]'));
    const last = JSON.parse(eventsOf(text).at(-1)!) as { error: { message: string } };
    assert.match(last.error.message, /finish within 0\.08 s/);
  });
});

test('a caller that reads slowly is not taken for a provider that is silent', async () => {
  await start({ idle: '250ms' });
  const piece = {
    write: `data: ${JSON.stringify({ choices: [{ delta: { content: 'x'.repeat(65_536) } }] })}\n\n`,
  };
  const pieces = 400;
  a.replyOnce(() => ({
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    steps: (function* steps() {
      for (let i = 0; i < pieces; i++) yield piece;
      yield { write: 'data: [DONE]\n\n' };
    })(),
  }));
  const slow = await askStream(gateway);
  const reader = slow.body!.getReader();
  await reader.read();
  // A provider that is silent itself has been given up meanwhile, twice over.
  a.reply(faulty(like('lorem'), heldAfter(3, never)));
  for (let i = 0; i < 2; i++) assert.match(await complaint(askStream(gateway)), /fell silent/);
  let tail = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    tail = Buffer.from(part.value).subarray(-100).toString();
  }
  assert.match(tail, /data: \[DONE\]\n\n$/);
});

describe('policies merge: the most specific one that sets a field wins', () => {
  const levels = [
    trafficPolicy('credential', {
      targetRefs: [{ kind: 'ProviderCredential', name: 'a' }],
      retries: { attempts: 2 },
    }),
    trafficPolicy('alias', { targetRefs: [{ kind: 'ModelAlias', name: 'chat' }], retries: { attempts: 3 } }),
    trafficPolicy('caller', { targetRefs: [{ kind: 'CallerKey', name: 'app' }], retries: { attempts: 4 } }),
  ];
  const general = {
    retries: { attempts: 1, backoff: { base: '1ms', max: '1ms' } },
    circuitBreaker: { failures: 1000 },
  };

  test('retries: namespace, credential, alias, caller', async () => {
    for (let count = 0; count <= levels.length; count++) {
      a.requests.length = 0;
      await start({}, { policy: general, more: levels.slice(0, count).toReversed() });
      a.reply(fail(500));
      assert.equal((await ask(gateway)).headers.get('x-modelgate-attempts'), String(count + 1));
      assert.equal(a.requests.length, count + 1);
      if (count < levels.length) await gateway.stop();
    }
  });

  test('fields of one group come from different policies', async () => {
    await start(
      {},
      {
        policy: { timeouts: { firstByte: '20ms', total: '1h' }, retries: { attempts: 1 } },
        more: [
          trafficPolicy('alias', {
            targetRefs: [{ kind: 'ModelAlias', name: 'chat' }],
            timeouts: { total: '2h' },
          }),
        ],
      },
    );
    a.reply(hang);
    assert.match(await complaint(ask(gateway)), /begin to answer within 0\.02 s/);
  });

  test('the largest body: other aliases, other callers and other namespaces keep theirs', async () => {
    const small = 'mg-small-key-0123456789';
    await start(
      {},
      {
        policy: { request: { maxBodyBytes: 2048 } },
        more: [
          modelAlias('vision', [{ at: 'a' }]),
          callerKey('small', small),
          trafficPolicy('vision', {
            targetRefs: [{ kind: 'ModelAlias', name: 'vision' }],
            request: { maxBodyBytes: 8192 },
          }),
          trafficPolicy('small', {
            targetRefs: [{ kind: 'CallerKey', name: 'small' }],
            request: { maxBodyBytes: 1024 },
          }),
        ],
      },
    );
    const sent = (bytes: number, question: object) =>
      ask(gateway, { fields: { user: 'x'.repeat(bytes) }, ...question }).then(({ status }) => status);
    assert.deepEqual(await Promise.all([sent(1_500, {}), sent(3_000, {})]), [200, 413]);
    const vision = { model: 'vision' };
    assert.deepEqual(await Promise.all([sent(3_000, vision), sent(9_000, vision)]), [200, 413]);
    assert.deepEqual(await Promise.all([sent(100, { key: small }), sent(1_500, { key: small })]), [200, 413]);
    assert.equal(
      await sent(1_500, { key: small, model: 'vision' }),
      413,
      'the caller’s policy is the last word',
    );
    assert.equal(a.requests.length, 3);
  });

  test('a target whose credential takes less is passed over for a larger body', async () => {
    const small = (name: string) =>
      trafficPolicy(name, {
        targetRefs: [{ kind: 'ProviderCredential', name }],
        request: { maxBodyBytes: 2048 },
      });
    const b = await startUpstream();
    after(() => b.stop());
    const sent = (model: string): Promise<number> =>
      ask(gateway, { model, fields: { user: 'x'.repeat(3_000) } }).then(({ status }) => status);
    await start(
      {},
      { upstreams: { a: a.url, b: b.url }, more: [small('a'), modelAlias('only-a', [{ at: 'a' }])] },
    );
    assert.deepEqual([await sent('chat'), await sent('chat'), await sent('only-a')], [200, 200, 413]);
    assert.equal(a.requests.length, 0);
  });

  test('the breaker of a target follows the policy of its credential', async () => {
    await start(
      {},
      {
        policy: { circuitBreaker: { failures: 1000 }, retries: { attempts: 1 } },
        alias: { routing: { whenAllUnhealthy: 'Fail' } },
        more: [
          trafficPolicy('credential', {
            targetRefs: [{ kind: 'ProviderCredential', name: 'a' }],
            circuitBreaker: { failures: 2, openFor: '1h', maxOpenFor: '1h' },
          }),
        ],
      },
    );
    a.reply(fail(500));
    assert.deepEqual(await statuses(() => ask(gateway), 4), [502, 502, 503, 503]);
  });

  test('a policy in Monitor mode decides nothing', async () => {
    const policy = { mode: 'Monitor', request: { maxBodyBytes: 1024 }, timeouts: { firstByte: '1ms' } };
    await start({}, { policy });
    const answer = await ask(gateway, { fields: { user: 'x'.repeat(5_000) } });
    assert.equal(answer.status, 200);
  });
});
