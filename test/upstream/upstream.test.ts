import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  crlf,
  cutAfter,
  faulty,
  heldAfter,
  lateBody,
  lateHead,
  paced,
  splitAt,
  usagePlaced,
  withComments,
  withoutDone,
} from './faults.ts';
import { fail, hang, huge, json, like, redirect, stream, tellCredential, type Script } from './script.ts';
import { startUpstream, type Upstream } from './upstream.ts';

let up: Upstream;
before(async () => {
  up = await startUpstream();
});
after(() => up.stop());

const streaming = { stream: true, stream_options: { include_usage: true } };

function post(script: Script | undefined, fields: object = {}, signal?: AbortSignal): Promise<Response> {
  if (script) up.replyOnce(script);
  return fetch(`${up.url}/chat/completions`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-provider' },
    body: JSON.stringify({
      model: 'gpt-5-mini',
      messages: [{ role: 'user', content: 'Hi there you' }],
      ...fields,
    }),
    ...(signal && { signal }),
  });
}

const usages = (text: string): unknown[] =>
  text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => (JSON.parse(event.slice(6)) as { usage?: unknown }).usage);

test('echoes by default, and remembers what it received', async () => {
  const n = up.requests.length;
  const answer = (await (await post(undefined)).json()) as { model: string; choices: [{ message: object }] };
  assert.equal(answer.model, 'gpt-5-mini');
  assert.partialDeepStrictEqual(answer.choices[0].message, { content: 'Hi there you' });
  const { method, path, rawHeaders, json: body, closed } = await up.request(n);
  assert.deepEqual([method, path, body()['model']], ['POST', '/v1/chat/completions', 'gpt-5-mini']);
  assert.ok(rawHeaders.includes('Bearer sk-provider'));
  assert.equal(await closed, 'complete');
});

test('answers what it is told to', async () => {
  const limited = await post(fail(429, { 'retry-after': '7' }));
  assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '7']);
  assert.partialDeepStrictEqual(await limited.json(), { error: { code: 'rate_limit_exceeded' } });
  assert.equal((await post(redirect('http://127.0.0.1:1/'))).status, 302);
  assert.match(await (await post(tellCredential)).text(), /Bearer sk-provider/);
  assert.equal((await (await post(huge(200_000))).arrayBuffer()).byteLength, 200_000);
  assert.deepEqual(await (await post(json(200, { a: 1 }))).json(), { a: 1 });
  assert.equal(
    await (await post(stream({ a: 1 }, 'data: [DONE]\n\n'))).text(),
    'data: {"a":1}\n\ndata: [DONE]\n\n',
  );
});

test('faults change the bytes, not the meaning', async () => {
  const plain = await (await post(like('echo'), streaming)).text();
  assert.equal(
    await (await post(faulty(like('echo'), crlf), streaming)).text(),
    plain.replaceAll('\n', '\r\n'),
  );
  assert.equal(await (await post(faulty(like('echo'), splitAt(1, 30, 31)), streaming)).text(), plain);
  for (const fault of [lateHead(1), lateBody(1), paced(1), heldAfter(2, Promise.resolve())]) {
    assert.equal(await (await post(faulty(like('echo'), fault), streaming)).text(), plain);
  }
  const commented = await (await post(faulty(like('echo'), withComments()), streaming)).text();
  assert.equal(commented.replaceAll(': OPENROUTER PROCESSING\n\n', ''), plain);
  const unfinished = await (await post(faulty(like('echo'), withoutDone), streaming)).text();
  assert.equal(`${unfinished}data: [DONE]\n\n`, plain);
});

test('usage can be anywhere in a stream', async () => {
  const every = usages(await (await post(faulty(like('echo'), usagePlaced('everyChunk')), streaming)).text());
  assert.ok(every.length > 3 && every.every(Boolean));
  const last = usages(await (await post(faulty(like('echo'), usagePlaced('lastChunk')), streaming)).text());
  assert.deepEqual(last.map(Boolean), [...last.slice(1).map(() => false), true]);
  const none = usages(await (await post(faulty(like('echo'), usagePlaced('none')), streaming)).text());
  assert.ok(!none.some(Boolean));
});

test('a connection that dies in the body is an error for the client', async () => {
  for (const how of ['reset', 'fin'] as const) {
    const n = up.requests.length;
    const response = await post(faulty(like('lorem'), cutAfter(400, how)), { stream: true });
    let received = 0;
    await assert.rejects(async () => {
      for await (const chunk of response.body!) received += chunk.length;
    });
    assert.equal(received, 400);
    assert.equal(await up.closed(n), 'broken');
  }
});

test('a request without an answer ends with the connection', async () => {
  const n = up.requests.length;
  const controller = new AbortController();
  const answer = post(hang, {}, controller.signal);
  await up.request(n);
  controller.abort();
  await assert.rejects(answer);
  assert.equal(await up.closed(n), 'broken');
});

test('a closed port refuses until it is opened again', async () => {
  await up.refuse();
  await assert.rejects(post(undefined));
  await up.accept();
  assert.equal((await post(undefined)).status, 200);
});
