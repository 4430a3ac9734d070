import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { EDGE_LIMITS } from '../../proxy/edge/limits.ts';
import { CALLER_KEY, testConfig } from '../gateway/config.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { huge } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { endless } from './endless.ts';
import { inFlight } from './in-flight.ts';
import { connectTo, parseResponses, received } from './raw-http.ts';
import { until } from './until.ts';

let up: Upstream;
let gateway: TestGateway;
before(async () => {
  up = await startUpstream();
  gateway = await startGateway(testConfig({ upstream: up.url }), {
    heartbeatEvery: 100,
    blockedFor: 300,
    edge: {
      ...EDGE_LIMITS,
      headersTimeout: 500,
      requestTimeout: 1_000,
      connectionsCheckingInterval: 50,
    },
  });
});
after(async () => {
  await gateway.stop();
  await up.stop();
});

const HEAD = `POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${CALLER_KEY}\r\nContent-Type: application/json\r\n`;

const message = (stream: boolean): string => {
  const body = JSON.stringify({ model: 'chat', stream, messages: [{ role: 'user', content: 'Hi' }] });
  return `${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`;
};

function ask(): Promise<Response> {
  return fetch(`${gateway.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${CALLER_KEY}` },
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'Hi' }] }),
  });
}

const SLOW = 200;

/** How far slow senders come. */
const BEGINNINGS: Record<string, string> = {
  'nothing at all': '',
  'half a head': HEAD,
  'half a body': `${HEAD}Content-Length: 100\r\n\r\n{`,
  'half a body in chunks': `${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`,
};

for (const [what, bytes] of Object.entries(BEGINNINGS)) {
  test(`${SLOW} clients that send ${what} harm nobody, and are closed`, async () => {
    const sockets = await Promise.all(Array.from({ length: SLOW }, () => connectTo(gateway.origin)));
    const answers = sockets.map(received);
    for (const socket of sockets) socket.write(bytes);
    for (let i = 0; i < 10; i++) assert.equal((await ask()).status, 200);
    for (const answer of await Promise.all(answers)) {
      const responses = parseResponses(answer);
      if (responses.length > 0) assert.equal(responses[0]!.status, 408);
      assert.ok(responses.length === 1 || bytes === '');
    }
    await until(async () => (await inFlight(gateway.adminUrl)) === 0);
  });
}

/** A caller that sends its request and reads nothing of the answer. */
async function deaf(stream: boolean): Promise<Socket> {
  const socket = await connectTo(gateway.origin);
  socket.pause();
  socket.write(message(stream));
  return socket;
}

test('a caller that does not read its stream is cut off, and the provider with it', async () => {
  up.replyOnce(endless().script);
  const n = up.requests.length;
  const socket = await deaf(true);
  assert.equal(await up.closed(n), 'broken');
  await until(async () => (await inFlight(gateway.adminUrl)) === 0);
  socket.resume();
  await once(socket, 'close');
});

test('a caller that does not read a large answer is cut off', async () => {
  up.replyOnce(huge(64 * 1024 * 1024));
  const n = up.requests.length;
  const socket = await deaf(false);
  assert.equal(await up.closed(n), 'complete');
  await until(async () => (await inFlight(gateway.adminUrl)) === 0);
  socket.resume();
  await once(socket, 'close');
  assert.equal((await ask()).status, 200);
});
