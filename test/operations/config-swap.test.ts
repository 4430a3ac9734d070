import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { createGateway } from '../../proxy/gateway.ts';
import { until } from '../edge/until.ts';
import { CALLER_KEY, testConfig } from '../gateway/config.ts';
import { startGateway } from '../gateway/start.ts';
import { faulty, heldAfter } from '../upstream/faults.ts';
import { like } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';

let up: Upstream;
let next: Upstream;
before(async () => {
  up = await startUpstream();
  next = await startUpstream();
});
after(() => Promise.all([up.stop(), next.stop()]));

function ask(url: string, { stream = false, model = 'chat' } = {}): Promise<Response> {
  return fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${CALLER_KEY}` },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hi' }] }),
  });
}

const revisionOf = ({ headers }: Response): string | null => headers.get('x-modelgate-revision');

test('what is under way goes on as it began, what comes next goes by the new configuration', async () => {
  const [old, fresh] = [testConfig({ upstream: up.url }), testConfig({ upstream: next.url })];
  const gateway = await startGateway(old);
  const gate = Promise.withResolvers<void>();
  up.replyOnce(faulty(like('lorem'), heldAfter(3, gate.promise)));
  const stream = await ask(gateway.url, { stream: true });
  const [before_, n] = [up.requests.length, next.requests.length];
  await gateway.use(fresh);
  const answer = await ask(gateway.url);
  assert.equal(answer.status, 200);
  assert.deepEqual([revisionOf(stream), revisionOf(answer)], [old.revision, fresh.revision]);
  assert.deepEqual([up.requests.length, next.requests.length], [before_, n + 1]);
  gate.resolve();
  assert.match(await stream.text(), /\[DONE\]\n\n$/);
  await gateway.stop();
});

test('a caller that was taken out is not let in any more, and its stream goes on', async () => {
  const gateway = await startGateway(testConfig({ upstream: up.url }));
  const gate = Promise.withResolvers<void>();
  up.replyOnce(faulty(like('lorem'), heldAfter(3, gate.promise)));
  const stream = await ask(gateway.url, { stream: true });
  await gateway.use(testConfig({ upstream: up.url, change: (content) => ({ ...content, callers: {} }) }));
  assert.equal((await ask(gateway.url)).status, 401);
  gate.resolve();
  assert.match(await stream.text(), /\[DONE\]\n\n$/);
  await gateway.stop();
});

test('connections of a credential that is gone are closed when its last request has ended; the others stay', async () => {
  const open = new Set<Socket>();
  let held: (() => void) | undefined;
  const server = createServer((req, res) => {
    req.resume();
    const answer = (): void => void res.setHeader('content-type', 'application/json').end('{}');
    if (req.headers['x-hold'] === 'yes') held = answer;
    else answer();
  });
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const old = testConfig({ upstream: url, credential: { headers: { 'x-hold': 'yes' } } });
  const gateway = await startGateway(old);
  const answer = ask(gateway.url);
  await until(() => held !== undefined);
  const [connection] = open;

  await gateway.use(testConfig({ upstream: url, credential: { headers: { 'x-hold': 'no' } } }));
  await (await ask(gateway.url)).text();
  assert.deepEqual([open.size, open.has(connection!)], [2, true]);
  held!();
  await (await answer).text();
  await until(() => !open.has(connection!));
  assert.equal(open.size, 1);

  const [kept] = open;
  const same = testConfig({
    upstream: url,
    alias: 'other',
    credential: { headers: { 'x-hold': 'no' } },
  });
  await gateway.use(same);
  await (await ask(gateway.url, { model: 'other' })).text();
  assert.deepEqual([...open], [kept]);
  await gateway.stop();
  server.close();
});

test('before the first configuration: 503, and ready as soon as there is one', async () => {
  const gateway = createGateway({ port: 0, adminPort: 0, logLevel: 'silent' });
  const { port, adminPort } = await gateway.start();
  const [origin, admin] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${adminPort}`];
  for (const answer of [await ask(`${origin}/v1`), await fetch(`${origin}/v1/models`)]) {
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('retry-after'), '1');
    assert.equal(revisionOf(answer), 'none');
    assert.ok(answer.headers.get('x-request-id'));
    assert.partialDeepStrictEqual(await answer.json(), { error: { code: 'not_ready' } });
  }
  assert.equal((await fetch(`${origin}/unknown`)).status, 404);
  for (const at of [origin, admin]) {
    assert.equal((await fetch(`${at}/livez`)).status, 200);
    assert.equal((await fetch(`${at}/readyz`)).status, 503);
  }
  assert.partialDeepStrictEqual(await (await fetch(`${admin}/status`)).json(), { ready: false });
  await gateway.use(testConfig({ upstream: up.url }));
  assert.equal((await ask(`${origin}/v1`)).status, 200);
  for (const at of [origin, admin]) assert.equal((await fetch(`${at}/readyz`)).status, 200);
  await gateway.stop();
});

test('an empty configuration is one, but nothing that could be served', async () => {
  const gateway = await startGateway('');
  assert.equal((await fetch(`${gateway.origin}/livez`)).status, 200);
  assert.equal((await fetch(`${gateway.origin}/readyz`)).status, 503);
  const answer = await ask(gateway.url);
  assert.equal(answer.status, 401);
  assert.notEqual(revisionOf(answer), 'none');
  await gateway.stop();
});

test('one that cannot be taken over leaves the one before in service, and does not block the next', async () => {
  const gateway = await startGateway(testConfig({ upstream: up.url }));
  const broken = testConfig({ upstream: 'no URL', alias: 'broken' });
  await assert.rejects(gateway.use(broken));
  assert.equal((await ask(gateway.url)).status, 200);
  const mended = testConfig({ upstream: up.url, alias: 'mended' });
  await gateway.use(mended);
  assert.equal((await ask(gateway.url, { model: 'mended' })).status, 200);
  await gateway.stop();
});

test('of several at once the last one stays', async () => {
  const gateway = await startGateway(testConfig({ upstream: up.url }));
  const configs = ['a', 'b', 'c'].map((alias) => testConfig({ upstream: up.url, alias }));
  await Promise.all(configs.map((config) => gateway.use(config)));
  assert.equal(revisionOf(await ask(gateway.url)), configs[2]!.revision);
  await gateway.stop();
});

test('configurations change while many requests run, and none of them fails', async () => {
  const gateway = await startGateway(testConfig({ upstream: up.url }));
  const revisions = new Set<string | null>();
  const load = async (): Promise<void> => {
    for (let i = 0; i < 40; i++) {
      const answer = await ask(gateway.url, { stream: i % 2 === 0 });
      assert.equal(answer.status, 200);
      await answer.text();
      revisions.add(revisionOf(answer));
    }
  };
  const finished = new AbortController();
  const swap = async (): Promise<void> => {
    for (let i = 0; !finished.signal.aborted; i++) {
      const upstream = i % 2 === 0 ? next.url : up.url;
      await gateway.use(testConfig({ upstream, credential: { headers: { 'x-round': String(i % 10) } } }));
      await (await fetch(`${gateway.origin}/readyz`)).text();
    }
  };
  const swapping = swap();
  await Promise.all(Array.from({ length: 8 }, load));
  finished.abort();
  await swapping;
  assert.ok(revisions.size > 2);
  await gateway.stop();
});
