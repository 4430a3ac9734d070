import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openai } from '../../core/dialects/openai/index.ts';
import { until } from '../edge/until.ts';
import { CALLER_KEY, testConfig } from '../gateway/config.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { faulty, heldAfter } from '../upstream/faults.ts';
import { json, like } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';

let up: Upstream;
let gateway: TestGateway;
before(async () => {
  up = await startUpstream();
  const any = { credential: 'team/up', model: '*', weight: 1, priority: 0 };
  // A reference that no compiler would leave dangling stands for any mistake of ours.
  gateway = await startGateway(
    testConfig({
      upstream: up.url,
      change: (content) => ({
        ...content,
        aliases: {
          ...content.aliases,
          'team/any': { ...content.aliases['team/chat']!, name: 'any/*', targets: [any] },
        },
        access: {
          ...content.access,
          own: [
            ...content.access['own']!,
            { match: 'ghost', alias: 'team/ghost' },
            { match: 'any/*', alias: 'team/any' },
          ],
        },
      }),
    }),
  );
});
after(async () => {
  await gateway.stop();
  await up.stop();
});

const ask = (model: string, fields: object = {}): Promise<Response> =>
  fetch(`${gateway.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${CALLER_KEY}` },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'private words' }], ...fields }),
  });

test('a defect is a 500 with the request id, is logged with its stack, and is nobody else’s problem', async () => {
  const response = await ask('ghost');
  assert.equal(response.status, 500);
  const id = response.headers.get('x-request-id')!;
  const body = await response.text();
  assert.partialDeepStrictEqual(JSON.parse(body), {
    error: { type: 'server_error', code: 'internal_error' },
  });
  assert.doesNotMatch(body, /TypeError|\.ts|undefined/);
  const lines = (): Record<string, unknown>[] =>
    gateway
      .logs()
      .map((text) => JSON.parse(text) as Record<string, unknown>)
      .filter(({ requestId }) => requestId === id);
  await until(() => lines().length === 2);
  const defect = lines().find(({ msg }) => msg === 'defect');
  assert.partialDeepStrictEqual(defect, { level: 50, err: { type: 'TypeError' } });
  assert.match((defect!['err'] as { stack: string }).stack, /resolve\.ts/);
  assert.partialDeepStrictEqual(
    lines().find(({ msg }) => msg === 'request'),
    { status: 500, error: 'internal_error', key: 'team/app' },
  );
  assert.ok(!gateway.logs().join('').includes('private words'));
  assert.equal((await ask('chat')).status, 200);
  const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
  assert.match(metrics, /^modelgate_errors_total\{code="internal_error"\} 1$/m);
});

for (const [where, broken] of Object.entries({
  'in an event': { pass: () => assert.fail('a defect in an event') },
  'at the end': { pass: (events: Buffer) => events, complete: () => assert.fail('a defect at the end') },
})) {
  test(`a defect of ours in a stream, ${where}: that one ends with an error event, all others go on`, async (context) => {
    const gate = Promise.withResolvers<void>();
    up.replyOnce(faulty(like('lorem'), heldAfter(3, gate.promise)));
    const other = await ask('chat', { stream: true });
    const { complete = () => false } = broken as { complete?: () => boolean };
    const tapStream = () => ({
      pass: broken.pass,
      usage: undefined,
      failed: false,
      get complete() {
        return complete();
      },
    });
    const { mock } = context.mock.method(openai, 'tapStream', tapStream);
    const response = await ask('chat', { stream: true });
    mock.restore();
    const text = await response.text();
    assert.match(text, /data: \{"error":\{.*"code":"internal_error".*\}\}\n\n$/);
    assert.doesNotMatch(text, /a defect/);
    gate.resolve();
    assert.match(await other.text(), /data: \[DONE\]\n\n$/);
    const id = response.headers.get('x-request-id')!;
    const lines = (): string[] => gateway.logs().filter((line) => line.includes(id));
    await until(() => lines().length === 2);
    assert.partialDeepStrictEqual(JSON.parse(lines().find((line) => line.includes('"defect"'))!), {
      level: 50,
      err: { message: `a defect ${where}` },
    });
    assert.partialDeepStrictEqual(JSON.parse(lines().find((line) => line.includes('"request"'))!), {
      status: 200,
      outcome: 'failed',
      error: 'internal_error',
    });
  });
}

test('headers of a provider that no answer may have are no defect', async () => {
  for (const type of ['application/json; x=é', 'application/json; x=\x80\xff', 'a\tb']) {
    up.replyOnce(json(200, { ok: true }, { 'content-type': type }));
    const response = await ask('chat');
    assert.equal(response.status, 200, type);
    assert.deepEqual(await response.json(), { ok: true });
  }
});

test('model names that a caller makes up are sent, and shown in a header, or refused', async () => {
  for (const name of ['a b', 'é€😀', '\n\r\0', '"\\', 'x'.repeat(1_000)]) {
    const response = await ask(`any/${name}`);
    assert.equal(response.status, 200, name);
    assert.equal(decodeURIComponent(response.headers.get('x-modelgate-model')!), name);
  }
  for (const name of ['any/\ud800', '\udfff', `any/${'x'.repeat(2_000)}`]) {
    const response = await ask(name);
    assert.equal(response.status, 400);
    const { error } = (await response.json()) as { error: object };
    assert.partialDeepStrictEqual(error, { code: 'invalid_parameter', param: 'model' });
  }
});
