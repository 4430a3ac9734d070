import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { request } from 'undici';
import { CALLER_KEY, testConfig } from '../gateway/config.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { connectTo, parseResponses, received } from './raw-http.ts';

const MIB = 1024 * 1024;
const LIMIT = 32 * MIB;

let up: Upstream;
let gateway: TestGateway;
before(async () => {
  up = await startUpstream();
  const sketch = testConfig({
    upstream: up.url,
    change: (content) => ({
      ...content,
      aliases: {
        ...content.aliases,
        'team/short': { ...content.aliases['team/chat']!, name: 'short', policies: ['team/short'] },
      },
      access: {
        ...content.access,
        own: [...content.access['own']!, { match: 'short', alias: 'team/short' }],
      },
      policies: {
        'team/short': {
          namespace: 'team',
          name: 'short',
          mode: 'Enforce',
          request: { maxBodyBytes: 1_000 },
        },
      },
    }),
  });
  gateway = await startGateway(sketch);
});
after(async () => {
  await gateway.stop();
  await up.stop();
});

const headers = { 'content-type': 'application/json', authorization: `Bearer ${CALLER_KEY}` };
const HEAD = `POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${CALLER_KEY}\r\nContent-Type: application/json\r\n`;

/** A request of exactly so many bytes. */
function body(model: string, bytes: number): string {
  const start = `{"model":"${model}","messages":[{"role":"user","content":"Hi"}],"pad":"`;
  return `${start}${'a'.repeat(bytes - start.length - 2)}"}`;
}

function post(content: string): Promise<Response> {
  return fetch(`${gateway.url}/chat/completions`, { method: 'POST', headers, body: content });
}

async function isTooLarge(response: Pick<Response, 'status' | 'text'>, size: string): Promise<void> {
  assert.equal(response.status, 413);
  const { error } = JSON.parse(await response.text()) as { error: Record<string, unknown> };
  assert.partialDeepStrictEqual(error, { code: 'request_too_large', type: 'invalid_request_error' });
  assert.match(String(error['message']), new RegExp(size));
}

test('a body that says it is too large is refused before it comes', async () => {
  const n = up.requests.length;
  const socket = await connectTo(gateway.origin);
  socket.write(`${HEAD}Content-Length: ${LIMIT + 1}\r\n\r\n`);
  const [head] = (await once(socket, 'data')) as [Buffer];
  const [response] = parseResponses(head.toString('latin1'));
  assert.equal(response!.status, 413);
  assert.ok(response!.headers['x-request-id']);
  socket.destroy();
  assert.equal(up.requests.length, n);
});

test('clients that send the whole body get to read the refusal', async () => {
  const n = up.requests.length;
  await isTooLarge(await post(body('chat', LIMIT + 1)), '32 MiB');
  const answer = await request(`${gateway.url}/chat/completions`, {
    method: 'POST',
    headers,
    body: body('chat', LIMIT + 1),
  });
  await isTooLarge({ status: answer.statusCode, text: () => answer.body.text() }, '32 MiB');
  assert.equal(up.requests.length, n);
});

test('a body of exactly the limit goes through', async () => {
  const n = up.requests.length;
  assert.equal((await post(body('chat', LIMIT))).status, 200);
  assert.ok(up.requests[n]!.body.length >= LIMIT);
});

test('a policy may set a smaller limit for its alias', async () => {
  const n = up.requests.length;
  await isTooLarge(await post(body('short', 1_001)), '1000 bytes');
  assert.equal(up.requests.length, n);
  assert.equal((await post(body('short', 1_000))).status, 200);
  assert.equal((await post(body('chat', 1_001))).status, 200);
});

test('a gigabyte in chunks is refused, and takes no more memory than what is just too large', async () => {
  const n = up.requests.length;
  const small = await peakOf(48);
  const large = await peakOf(1_024);
  // Garbage of the sender, which is this process too, comes on top of the gateway's.
  assert.ok(large - small < 128 * MIB, `${Math.round((large - small) / MIB)} MiB more`);
  assert.equal(up.requests.length, n);
});

/** Uploads so many MiB in chunks, which must be refused, and says how large this process got. */
async function peakOf(mebibytes: number): Promise<number> {
  let peak = 0;
  const socket = await connectTo(gateway.origin);
  const answer = received(socket);
  const chunks = upload(mebibytes, () => (peak = Math.max(peak, process.memoryUsage.rss())));
  // The gateway may close the connection before everything is sent.
  Readable.from(chunks).pipe(socket);
  const [response] = parseResponses(await answer);
  assert.equal(response!.status, 413);
  return peak;
}

function* upload(mebibytes: number, watch: () => void): Iterable<Buffer> {
  yield Buffer.from(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MIB, 'a'), Buffer.from('\r\n')]);
  for (let i = 0; i < mebibytes; i++) {
    watch();
    yield chunk;
  }
  yield Buffer.from('0\r\n\r\n');
}
