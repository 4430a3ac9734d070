import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { after, afterEach, before, test } from 'node:test';
import type { Config } from '../../core/config/config.ts';
import { CALLER_KEY, testConfig } from '../gateway/config.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { faulty, heldAfter, paced } from '../upstream/faults.ts';
import { fail, hang, like } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { inFlight } from './in-flight.ts';
import { connectTo } from './raw-http.ts';
import { until } from './until.ts';

let up: Upstream;
let gateway: TestGateway;

const AT_ONCE = 3;

/** Places that are never given back are missed by the next test. */
const fewAtOnce = (content: Omit<Config, 'revision' | 'version'>) => ({
  ...content,
  namespaces: { team: { visible: 'all', policies: ['team/few'] } },
  policies: {
    'team/few': {
      namespace: 'team',
      name: 'few',
      mode: 'Enforce' as const,
      limits: [{ name: 'few', counts: 'Concurrent' as const, max: AT_ONCE, scope: 'Caller' }],
      retries: { backoffBase: 60_000, backoffMax: 60_000 },
    },
  },
});

before(async () => {
  up = await startUpstream();
  gateway = await startGateway(testConfig({ upstream: up.url, change: fewAtOnce }));
});
after(async () => {
  await gateway.stop();
  await up.stop();
});
afterEach(async () => {
  await nothingUnderWay();
  const calls = Array.from({ length: AT_ONCE }, () => call());
  for (const answer of await Promise.all(calls.map(response))) {
    assert.equal(answer.statusCode, 200);
    for await (const _ of answer);
  }
});

const nothingUnderWay = () => until(async () => (await inFlight(gateway.adminUrl)) === 0);

function call(fields: object = {}): ClientRequest {
  const req = request(`${gateway.url}/chat/completions`, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${CALLER_KEY}` },
  });
  req.on('error', () => undefined);
  req.end(JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'Hi' }], ...fields }));
  return req;
}

async function response(req: ClientRequest): Promise<IncomingMessage> {
  const [answer] = (await once(req, 'response')) as [IncomingMessage];
  return answer;
}

for (const stream of [false, true]) {
  test(`before the first byte, stream ${stream}: the call to the provider is ended`, async () => {
    up.replyOnce(hang);
    const n = up.requests.length;
    const req = call({ stream });
    await up.request(n);
    req.destroy();
    assert.equal(await up.closed(n), 'broken');
  });
}

test('in the middle of a stream: the call to the provider is ended', async () => {
  up.replyOnce(faulty(like('lorem'), heldAfter(3, new Promise(() => undefined))));
  const n = up.requests.length;
  const req = call({ stream: true });
  await response(req);
  req.destroy();
  assert.equal(await up.closed(n), 'broken');
});

test('while the request is being sent: nothing goes upstream', async () => {
  const n = up.requests.length;
  const socket = await connectTo(gateway.origin);
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${CALLER_KEY}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"model":"chat",',
  );
  await until(async () => (await inFlight(gateway.adminUrl)) === 1);
  socket.destroy();
  await nothingUnderWay();
  assert.equal(up.requests.length, n);
});

test('between two attempts: there is no second one', async () => {
  up.replyOnce(fail(500));
  const n = up.requests.length;
  const req = call();
  assert.equal(await up.closed(n), 'complete');
  req.destroy();
  await nothingUnderWay();
  assert.equal(up.requests.length, n + 1);
});

test('with further requests behind the first: all of them end', async () => {
  up.replyOnce(hang, hang, hang);
  const n = up.requests.length;
  const body = '{"model":"chat","messages":[]}';
  const one =
    `POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${CALLER_KEY}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const socket = await connectTo(gateway.origin);
  socket.write(one.repeat(AT_ONCE));
  await up.request(n + AT_ONCE - 1);
  socket.destroy();
  for (let i = 0; i < AT_ONCE; i++) assert.equal(await up.closed(n + i), 'broken');
});

const RUNS = 50;

test('at fifty points of a stream: no call, request or connection is left', async () => {
  const open = (): number => readdirSync('/proc/self/fd').length;
  const start = open();
  for (let i = 0; i < RUNS; i++) {
    up.replyOnce(faulty(like('lorem'), paced(1)));
    const n = up.requests.length;
    const req = call({ stream: true });
    // From before the head to behind the last event.
    if (i === 0) await up.request(n);
    else await read(await response(req), i);
    req.destroy();
    await up.closed(n);
    await nothingUnderWay();
  }
  await until(() => open() <= start);
});

async function read(answer: IncomingMessage, pieces: number): Promise<void> {
  let left = pieces;
  for await (const _ of answer) if (--left === 0) return;
}
