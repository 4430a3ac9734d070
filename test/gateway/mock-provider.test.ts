import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CALLER_KEY, testConfig } from './config.ts';
import { startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;
before(async () => {
  const config = testConfig({
    upstream: '',
    alias: 'mock/*',
    targets: [{ credential: 'team/mock', model: '*', weight: 1, priority: 0 }],
    change: ({ aliases: { 'team/secret': _secret, ...aliases }, ...content }) => ({
      ...content,
      credentials: { 'team/mock': { provider: 'Mock', keys: [] } },
      aliases,
      access: { own: content.access['own']!, all: content.access['own']! },
    }),
  });
  gateway = await startGateway(config);
});
after(() => gateway.stop());

function ask(model: string, fields: object = {}): Promise<Response> {
  return fetch(`${gateway.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${CALLER_KEY}` },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }], ...fields }),
  });
}

test('answers and streams without a network', async () => {
  assert.partialDeepStrictEqual(await (await ask('mock/echo')).json(), {
    model: 'echo',
    usage: { total_tokens: 2 },
  });
  const text = await (await ask('mock/lorem', { stream: true })).text();
  assert.match(text, /fugiat/);
  assert.ok(text.endsWith('data: [DONE]\n\n') && !text.includes('prompt_tokens'));
});

test('fails as it is told to', async () => {
  const limited = await ask('mock/error-429');
  assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '1']);
  assert.equal((await ask('mock/error-400')).status, 400);
  assert.equal((await ask('mock/no-such-model')).status, 502);
  assert.equal((await ask('mock/broken-stream')).status, 502);
});

test('a stream that breaks off ends with an error event', async () => {
  const text = await (await ask('mock/broken-stream', { stream: true })).text();
  assert.match(text, /Lorem/);
  assert.ok(!text.includes('[DONE]'));
  const last = text.trimEnd().split('\n\n').at(-1)!;
  assert.match(last, /^data: \{"error":.*"upstream_error"/);
});
