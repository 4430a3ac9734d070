import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CALLER_KEY, testConfig } from '../gateway/config.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';

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

function post(headers: Record<string, string>): Promise<Response> {
  return fetch(`${gateway.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CALLER_KEY}`, ...headers },
    // Bytes: fetch adds no content type of its own.
    body: Buffer.from('{"model":"chat","messages":[{"role":"user","content":"Hi"}]}'),
  });
}

const REFUSED = [
  undefined,
  'text/plain',
  'text/plain;application/json',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  'application/jsonx',
  'application/json garbage',
  'application/json, text/plain',
  'application/json;charset=utf-7',
  'application/json; charset=utf-16',
  'application/json; charset=iso-8859-1',
  'application/json; charset=utf-8; charset=utf-7',
  '',
  ';',
];

for (const type of REFUSED) {
  test(`415 for the content type ${type ?? 'none'}`, async () => {
    const n = up.requests.length;
    const response = await post(type === undefined ? {} : { 'content-type': type });
    assert.equal(response.status, 415);
    assert.ok(response.headers.get('x-request-id'));
    assert.partialDeepStrictEqual(await response.json(), { error: { code: 'unsupported_media_type' } });
    assert.equal(up.requests.length, n);
  });
}

const ACCEPTED = [
  'application/json',
  'Application/JSON',
  'application/json;charset=utf-8',
  'application/json; charset=UTF-8',
  'application/json; charset="utf-8"',
  'application/json; charset=utf8',
];

for (const type of ACCEPTED) {
  test(`read: ${type}`, async () => {
    const n = up.requests.length;
    assert.equal((await post({ 'content-type': type })).status, 200);
    assert.equal(up.requests[n]!.headers['content-type'], 'application/json');
  });
}

test('compressed bodies are refused, so that none can hide or explode', async () => {
  const n = up.requests.length;
  for (const encoding of ['gzip', 'br', 'deflate', 'gzip, identity', 'x']) {
    const response = await post({ 'content-type': 'application/json', 'content-encoding': encoding });
    assert.equal(response.status, 415, encoding);
    assert.match(await response.text(), /uncompressed/);
  }
  assert.equal(up.requests.length, n);
  const identity = await post({ 'content-type': 'application/json', 'content-encoding': 'identity' });
  assert.equal(identity.status, 200);
});

test('a content type that is long enough to keep a pattern busy is not looked at', async () => {
  const spaces = ' '.repeat(14_000);
  for (const type of [`application/json${spaces};charset=utf-8`, `application/json${spaces}x`]) {
    assert.equal((await post({ 'content-type': type })).status, 415);
  }
});
