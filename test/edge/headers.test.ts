import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { CALLER_KEY, PROVIDER_KEY, testConfig } from '../gateway/config.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { exchange } from './raw-http.ts';
import { until } from './until.ts';

let up: Upstream;
let gateway: TestGateway;
before(async () => {
  up = await startUpstream();
  const credential = { forwardHeaders: ['x-session-id'] };
  gateway = await startGateway(testConfig({ upstream: up.url, credential }));
});
after(async () => {
  await gateway.stop();
  await up.stop();
});

const BODY = '{"model":"chat","messages":[{"role":"user","content":"Hi"}]}';

const withHeaders = (lines: string, connection = 'close'): string =>
  `POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${CALLER_KEY}\r\n` +
  `Content-Type: application/json\r\nContent-Length: ${BODY.length}\r\nConnection: ${connection}\r\n${lines}\r\n${BODY}`;

/** What the upstream gets of any request, besides what the credential lists. */
const OWN = ['host', 'connection', 'content-type', 'content-length', 'accept', 'user-agent', 'authorization'];

test("a harmless request id is the caller's, anything else is replaced", async () => {
  for (const id of ['a', 'req_1', '0b7c-4f:x.y', 'a'.repeat(128)]) {
    const [response] = await exchange(gateway.origin, withHeaders(`X-Request-Id: ${id}\r\n`));
    assert.equal(response!.headers['x-request-id'], id);
    assert.equal(response!.headers['request-id'], id);
    await until(() => gateway.logs().some((line) => line.includes(`"requestId":"${id}"`)));
  }
  for (const id of ['', ' ', 'a b', 'a'.repeat(129), 'a\tb', '<script>', 'é', 'a%0d%0ab', '{}', 'a,b']) {
    const [response] = await exchange(gateway.origin, withHeaders(`X-Request-Id: ${id}\r\n`));
    assert.match(response!.headers['x-request-id']!, /^req_[0-9a-f]{32}$/, id);
  }
  const [twice] = await exchange(gateway.origin, withHeaders('X-Request-Id: a\r\nX-Request-Id: b\r\n'));
  assert.match(twice!.headers['x-request-id']!, /^req_/);
});

test('no bytes in a header make another one, upstream or in the answer', async () => {
  const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
  const hostile = fc.constantFrom('\r\n', '\n', '\r', ': ', '\r\nX-Evil: 1', '\nx-evil: 1', '\r\n\r\n');
  const allowed = fc
    .integer({ min: 0x20, max: 0xff })
    .map((code) => String.fromCharCode(code === 0x7f ? 9 : code));
  const bytes = fc.oneof(
    fc.string({ unit: fc.oneof(byte, hostile, allowed), maxLength: 20 }),
    fc.string({ unit: allowed, maxLength: 40 }),
  );
  const known = await exchange(gateway.origin, withHeaders(''));
  const names = Object.keys(known[0]!.headers).toSorted();
  await fc.assert(
    fc.asyncProperty(bytes, bytes, async (id, session) => {
      const n = up.requests.length;
      const lines = `X-Session-Id: ${session}\r\nX-Request-Id: ${id}\r\n`;
      const responses = await exchange(gateway.origin, withHeaders(lines));
      assert.equal(responses.length, 1);
      const [{ status, headers }] = responses as [(typeof responses)[0]];
      assert.ok(status === 200 || status === 400);
      assert.match(headers['x-request-id']!, /^[\w.:-]{1,128}$/);
      if (status === 200) assert.deepEqual(Object.keys(headers).toSorted(), names);
      for (const { rawHeaders } of up.requests.slice(n)) {
        const sent = rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
        assert.deepEqual(
          sent.filter((name) => !OWN.includes(name) && name !== 'x-session-id'),
          [],
        );
      }
    }),
    { numRuns: 300 },
  );
});

test('no header by which a caller could pose as somebody else goes upstream', async () => {
  const spoofed = [
    'Forwarded: for=1.2.3.4',
    'Via: 1.1 other',
    'X-Forwarded-For: 1.2.3.4',
    'X-Forwarded-Host: other',
    'X-Forwarded-Proto: https',
    'X-Forwarded-User: root',
    'X-Real-IP: 1.2.3.4',
    'X-Original-URL: /admin',
    'X-User: root',
    'X-Remote-User: root',
    'X-Modelgate-Alias: other',
    'X-Modelgate-Provider: other',
    'X-Api-Key: ',
    'Api-Key: other',
    'OpenAI-Organization: other',
    'Cookie: a=b',
    'Proxy-Authorization: Basic b3RoZXI6eA==',
    'TE: trailers',
    'Upgrade: h2c',
    'Expect: 100-continue',
    'Accept-Encoding: gzip',
    'User-Agent: other',
  ];
  const n = up.requests.length;
  const responses = await exchange(gateway.origin, withHeaders(`${spoofed.join('\r\n')}\r\n`));
  assert.equal(responses.at(-1)!.status, 200);
  const { headers } = up.requests[n]!;
  assert.deepEqual(Object.keys(headers).toSorted(), OWN.toSorted());
  assert.partialDeepStrictEqual(headers, {
    authorization: `Bearer ${PROVIDER_KEY}`,
    'user-agent': 'modelgate',
  });
});

test('a header that belongs to the connection ends here, even one that may be forwarded', async () => {
  const n = up.requests.length;
  await exchange(gateway.origin, withHeaders('X-Session-Id: a\r\n'));
  await exchange(gateway.origin, withHeaders('X-Session-Id: a\r\n', 'close, X-Session-ID'));
  assert.equal(up.requests[n]!.headers['x-session-id'], 'a');
  assert.equal(up.requests[n + 1]!.headers['x-session-id'], undefined);
});
