import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { endless } from '../edge/endless.ts';
import { connectTo, parseResponses, received } from '../edge/raw-http.ts';
import { inFlight } from '../edge/in-flight.ts';
import { until } from '../edge/until.ts';
import { CALLER_KEY, testConfig } from '../gateway/config.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { faulty, heldAfter } from '../upstream/faults.ts';
import { hang, huge, like } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';

let up: Upstream;
before(async () => {
  up = await startUpstream();
});
after(() => up.stop());

const never = new Promise(() => undefined);
const SOON = { drainTimeout: 50 };

const start = (options: Parameters<typeof startGateway>[1] = { drainTimeout: 60_000 }) =>
  startGateway(testConfig({ upstream: up.url }), options);

const body = (stream: boolean): string =>
  JSON.stringify({ model: 'chat', stream, messages: [{ role: 'user', content: 'Hi' }] });

function ask({ url }: TestGateway, stream = false): Promise<Response> {
  return fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${CALLER_KEY}` },
    body: body(stream),
  });
}

const HEAD = `POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${CALLER_KEY}\r\nContent-Type: application/json\r\n`;

const request = (stream: boolean): string =>
  `${HEAD}Content-Length: ${body(stream).length}\r\n\r\n${body(stream)}`;

/** A stream that stands still behind its third event. */
async function begunStream(gateway: TestGateway, until_: Promise<unknown>): Promise<Response> {
  up.replyOnce(faulty(like('lorem'), heldAfter(3, until_)));
  const answer = await ask(gateway, true);
  assert.equal(answer.status, 200);
  return answer;
}

function lastLine(gateway: TestGateway): Record<string, unknown> {
  return JSON.parse(gateway.logs().at(-1)!) as Record<string, unknown>;
}

test('not ready at once, nobody new comes in, and what is under way ends as if nothing was', async () => {
  const gateway = await start();
  const gate = Promise.withResolvers<void>();
  const answer = await begunStream(gateway, gate.promise);
  assert.equal((await fetch(`${gateway.adminUrl}/readyz`)).status, 200);
  const stopped = gateway.stop();
  const ready = await fetch(`${gateway.adminUrl}/readyz`);
  assert.deepEqual([ready.status, await ready.text()], [503, 'not ready: shutting down']);
  assert.equal((await fetch(`${gateway.adminUrl}/livez`)).status, 200);
  assert.partialDeepStrictEqual(await (await fetch(`${gateway.adminUrl}/status`)).json(), {
    ready: false,
    draining: true,
    inFlight: 1,
  });
  await until(() =>
    connectTo(gateway.origin).then(
      () => false,
      () => true,
    ),
  );
  gate.resolve();
  assert.match(await answer.text(), /data: \[DONE\]\n\n$/);
  await stopped;
  assert.partialDeepStrictEqual(lastLine(gateway), { status: 200, outcome: 'complete' });
  await assert.rejects(fetch(`${gateway.adminUrl}/livez`));
});

test('idle connections are closed at once, and one that is not ends with its answer', async () => {
  const gateway = await start();
  const idle = await connectTo(gateway.origin);
  const first = received(idle);
  idle.write(request(false));
  await once(idle, 'data');
  const gate = Promise.withResolvers<void>();
  up.replyOnce(faulty(like('echo'), heldAfter(0, gate.promise)));
  const busy = await connectTo(gateway.origin);
  const second = received(busy);
  busy.write(request(false));
  await until(async () => (await inFlight(gateway.adminUrl)) === 1);
  const stopped = gateway.stop();
  assert.equal(parseResponses(await first)[0]!.headers['connection'], 'keep-alive');
  gate.resolve();
  const [answer] = parseResponses(await second);
  assert.deepEqual([answer!.status, answer!.headers['connection']], [200, 'close']);
  await stopped;
});

test('a stream that does not end in time gets an error event, never a clean end', async () => {
  const gateway = await start(SOON);
  const n = up.requests.length;
  const answer = await begunStream(gateway, never);
  const stopped = gateway.stop();
  const text = await answer.text();
  assert.match(
    text,
    /data: \{"error":\{"message":"[^"]+","type":"server_error","code":"not_ready","param":null\}\}\n\n$/,
  );
  assert.ok(!text.includes('[DONE]'));
  assert.equal(await up.closed(n), 'broken');
  await stopped;
  assert.partialDeepStrictEqual(lastLine(gateway), { status: 200, outcome: 'failed', error: 'not_ready' });
});

test('a request without an answer in time gets 503, and its call to the provider is ended', async () => {
  for (const stream of [false, true]) {
    const gateway = await start(SOON);
    up.replyOnce(hang);
    const n = up.requests.length;
    const answer = ask(gateway, stream);
    await up.request(n);
    const stopped = gateway.stop();
    const response = await answer;
    assert.equal(response.status, 503);
    assert.partialDeepStrictEqual(await response.json(), { error: { code: 'not_ready' } });
    assert.equal(await up.closed(n), 'broken');
    await stopped;
    assert.equal(up.requests.length, n + 1);
  }
});

test('a stream that only heartbeats have begun gets an error event', async () => {
  const gateway = await start({ ...SOON, heartbeatEvery: 10 });
  up.replyOnce(hang);
  const answer = await ask(gateway, true);
  const stopped = gateway.stop();
  assert.match(await answer.text(), /^(?:: ping\n\n)+data: \{"error":.*"not_ready".*\}\n\n$/);
  await stopped;
});

test('callers that do not read, do not finish sending or do not begin hold nothing up', async () => {
  const gateway = await start(SOON);
  const n = up.requests.length;
  const stream = endless();
  up.replyOnce(huge(64 * 1024 * 1024), stream.script);
  const sockets = await Promise.all(Array.from({ length: 4 }, () => connectTo(gateway.origin)));
  const [deaf, deafToStream, sending, silent] = sockets as [(typeof sockets)[0], ...typeof sockets];
  for (const socket of [deaf, deafToStream!]) socket.pause();
  deaf.write(request(false));
  assert.equal(await up.closed(n), 'complete');
  deafToStream!.write(request(true));
  await up.request(n + 1);
  let written = 0;
  await until(() => stream.written() > 0 && written === (written = stream.written()));
  sending!.write(`${HEAD}Content-Length: 1000\r\n\r\n{`);
  silent!.write('GET /');
  await until(async () => (await inFlight(gateway.adminUrl)) === 3);
  await gateway.stop();
  for (const socket of sockets) socket.destroy();
});

test('an operator whose connection hangs holds nothing up', async () => {
  const gateway = await start();
  const socket = await connectTo(gateway.adminUrl);
  socket.write('GET /metrics HTTP/1.1\r\n');
  await fetch(`${gateway.adminUrl}/livez`);
  await gateway.stop();
  socket.destroy();
});

test('stopping twice is stopping once', async () => {
  const gateway = await start();
  await Promise.all([gateway.stop(), gateway.stop()]);
});
