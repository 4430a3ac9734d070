import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CALLER_KEY, testConfig } from '../gateway/config.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { faulty, heldAfter } from '../upstream/faults.ts';
import { like } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { connectTo, exchange, parseResponses, received, type RawResponse } from './raw-http.ts';

let up: Upstream;
let gateway: TestGateway;
before(async () => {
  up = await startUpstream();
  gateway = await startGateway(testConfig({ upstream: up.url }));
});
after(async () => {
  await gateway.stop();
  await up.stop();
});

const BODY = '{"model":"chat","messages":[{"role":"user","content":"Hi"}]}';
const KEY = `Authorization: Bearer ${CALLER_KEY}\r\n`;
const START = `POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\n${KEY}Content-Type: application/json\r\n`;
const SIZE = `Content-Length: ${BODY.length}\r\n`;
const CLOSE = 'Connection: close\r\n';
const CHUNK = `${BODY.length.toString(16)}\r\n${BODY}\r\n`;
/** What an attacker hides behind the first request. */
const HIDDEN = `GET /v1/models HTTP/1.1\r\nHost: gateway\r\n${KEY}\r\n`;

const REFUSED: Record<string, string> = {
  'CL.TE': `${START}${SIZE}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'TE.CL': `${START}Transfer-Encoding: chunked\r\n${SIZE}\r\n${CHUNK}0\r\n\r\n${HIDDEN}`,
  'two transfer encodings': `${START}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n${CHUNK}0\r\n\r\n`,
  'an unknown transfer encoding': `${START}Transfer-Encoding: xchunked\r\n\r\n${CHUNK}0\r\n\r\n`,
  'chunked not the last encoding': `${START}Transfer-Encoding: chunked, gzip\r\n\r\n${CHUNK}0\r\n\r\n`,
  'a space before the colon': `${START}Transfer-Encoding : chunked\r\n\r\n${CHUNK}0\r\n\r\n`,
  'two lengths that differ': `${START}${SIZE}Content-Length: 5\r\n\r\n${BODY}`,
  'a length with a sign': `${START}Content-Length: +${BODY.length}\r\n\r\n${BODY}`,
  'a negative length': `${START}Content-Length: -1\r\n\r\n${BODY}`,
  'a length as a list': `${START}Content-Length: ${BODY.length}, ${BODY.length}\r\n\r\n${BODY}`,
  'a hexadecimal length': `${START}Content-Length: 0x1e\r\n\r\n${BODY}`,
  'a folded header': `${START}${SIZE}X-A: b\r\n c\r\n\r\n${BODY}`,
  'a bare LF in the head': `${START}${SIZE}X-A: b\nX-B: c\r\n\r\n${BODY}`,
  'a bare CR in the head': `${START}${SIZE}X-A: b\rX-B: c\r\n\r\n${BODY}`,
  'a NUL in a value': `${START}${SIZE}X-A: b\0c\r\n\r\n${BODY}`,
  'a NUL in a name': `${START}${SIZE}X\0A: b\r\n\r\n${BODY}`,
  'a header without a name': `${START}${SIZE}: b\r\n\r\n${BODY}`,
  'a header without a colon': `${START}${SIZE}X-A\r\n\r\n${BODY}`,
  'a LF that ends a chunk extension': `${START}Transfer-Encoding: chunked\r\n\r\n2;\n${BODY}\r\n0\r\n\r\n`,
  'a chunk size that overflows': `${START}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${BODY}`,
  'a chunk size that is no number': `${START}Transfer-Encoding: chunked\r\n\r\nzz\r\n${BODY}`,
  'a chunk longer than its size': `${START}Transfer-Encoding: chunked\r\n\r\n2\r\n${BODY}\r\n0\r\n\r\n`,
  'no Host': `POST /v1/chat/completions HTTP/1.1\r\n${KEY}Content-Type: application/json\r\n${CLOSE}${SIZE}\r\n${BODY}`,
  'two Host headers': `${START}Host: other\r\n${CLOSE}${SIZE}\r\n${BODY}`,
  'a GET with a body': `GET /v1/models HTTP/1.1\r\nHost: gateway\r\n${KEY}${CLOSE}Content-Length: 2\r\n\r\n{}`,
  'a GET with a chunked body': `GET /v1/models HTTP/1.1\r\nHost: gateway\r\n${KEY}${CLOSE}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  'a method that is none': `P(ST /v1/models HTTP/1.1\r\nHost: gateway\r\n\r\n`,
  'HTTP/2 without an upgrade': `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
  'TLS on a plain port': `\x16\x03\x01\x02\x00\x01\x00`,
  'a URL that cannot be decoded': `GET /v1/models/%ZZ HTTP/1.1\r\nHost: gateway\r\n${KEY}${CLOSE}\r\n`,
};

function isRefusal({ status, headers, body }: RawResponse, expected: number): void {
  assert.equal(status, expected);
  assert.equal(headers['content-type'], 'application/json');
  assert.match(headers['x-request-id']!, /^req_/);
  const { error } = JSON.parse(body) as { error: Record<string, unknown> };
  assert.deepEqual(Object.keys(error), ['message', 'type', 'code', 'param']);
  assert.equal(error['type'], 'invalid_request_error');
}

for (const [mistake, bytes] of Object.entries(REFUSED)) {
  test(`refused with one answer, and the connection is closed: ${mistake}`, async () => {
    const n = up.requests.length;
    const responses = await exchange(gateway.origin, bytes);
    assert.equal(responses.length, 1);
    isRefusal(responses[0]!, 400);
    assert.equal(up.requests.length, n);
  });
}

test('a head of 20 kB is refused with 431', async () => {
  const responses = await exchange(
    gateway.origin,
    `${START}${SIZE}X-A: ${'a'.repeat(20_000)}\r\n\r\n${BODY}`,
  );
  assert.equal(responses.length, 1);
  isRefusal(responses[0]!, 431);
});

const ACCEPTED: Record<string, string> = {
  'a chunked body': `${START}${CLOSE}Transfer-Encoding: chunked\r\n\r\n${CHUNK}0\r\n\r\n`,
  'a chunk extension': `${START}${CLOSE}Transfer-Encoding: chunked\r\n\r\n${CHUNK.replace('\r', ';a=b\r')}0\r\n\r\n`,
  trailers: `${START}${CLOSE}Transfer-Encoding: chunked\r\n\r\n${CHUNK}0\r\nX-Model: other\r\n\r\n`,
  'HTTP/1.0': `${START.replace('1.1', '1.0')}${SIZE}\r\n${BODY}`,
  'an absolute URL': `${START.replace(' /v1', ' http://other/v1')}${CLOSE}${SIZE}\r\n${BODY}`,
  'an expectation that nobody knows': `${START}${CLOSE}${SIZE}Expect: miracles\r\n\r\n${BODY}`,
  'an upgrade that nobody asked for': `${START}Connection: upgrade, close\r\nUpgrade: websocket\r\n${SIZE}\r\n${BODY}`,
};

for (const [what, bytes] of Object.entries(ACCEPTED)) {
  test(`answered, and sent upstream once: ${what}`, async () => {
    const n = up.requests.length;
    const responses = await exchange(gateway.origin, bytes);
    assert.deepEqual(
      responses.map(({ status }) => status),
      [200],
    );
    assert.equal(up.requests.length, n + 1);
    const { headers, json } = up.requests[n]!;
    assert.equal(headers['transfer-encoding'], undefined);
    assert.equal(headers.host, new URL(up.url).host);
    assert.equal(json()['model'], 'gpt-5-mini');
  });
}

test('pipelined requests are answered in their order, though the first takes longest', async () => {
  const gate = Promise.withResolvers<void>();
  up.replyOnce(faulty(like('echo'), heldAfter(0, gate.promise)));
  const n = up.requests.length;
  const socket = await connectTo(gateway.origin);
  const answer = received(socket);
  const second = `GET /v1/models/chat HTTP/1.1\r\nHost: gateway\r\n${KEY}\r\n`;
  const third = `GET /v1/models/none HTTP/1.1\r\nHost: gateway\r\n${KEY}${CLOSE}\r\n`;
  socket.write(`${START}${SIZE}\r\n${BODY}${second}${third}`);
  await up.request(n);
  gate.resolve();
  const responses = parseResponses(await answer);
  assert.deepEqual(
    responses.map(({ status }) => status),
    [200, 200, 404],
  );
  assert.match(responses[0]!.body, /chat\.completion/);
  assert.equal((JSON.parse(responses[1]!.body) as { id: string }).id, 'chat');
});

test('what follows a request and is malformed does not take its answer', async () => {
  const gate = Promise.withResolvers<void>();
  up.replyOnce(faulty(like('echo'), heldAfter(0, gate.promise)));
  const n = up.requests.length;
  const socket = await connectTo(gateway.origin);
  const answer = received(socket);
  socket.write(`${START}${SIZE}\r\n${BODY}G(T / HTTP/1.1\r\n\r\n`);
  await up.request(n);
  gate.resolve();
  const responses = parseResponses(await answer);
  assert.equal(responses[0]!.status, 200);
  assert.match(responses[0]!.body, /chat\.completion/);
  isRefusal(responses[1]!, 400);
  assert.equal(responses.length, 2);
});

test('a body that turns out malformed behind a refusal brings no second answer', async () => {
  const socket = await connectTo(gateway.origin);
  const answer = received(socket);
  const unknown = START.replace(CALLER_KEY, 'mg-unknown');
  socket.write(`${unknown}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`);
  socket.once('data', () => socket.write('zz\r\n'));
  const responses = parseResponses(await answer);
  assert.deepEqual(
    responses.map(({ status }) => status),
    [401],
  );
});
