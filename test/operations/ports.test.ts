import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exchange } from '../edge/raw-http.ts';
import { CALLER_KEY, testConfig } from '../gateway/config.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { fail } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';

let up: Upstream;
let gateway: TestGateway;
const config = (upstream: string) => testConfig({ upstream });
before(async () => {
  up = await startUpstream();
  gateway = await startGateway(config(up.url));
});
after(async () => {
  await gateway.stop();
  await up.stop();
});

async function isNotFound(url: string, init: RequestInit = {}): Promise<void> {
  const response = await fetch(url, init);
  assert.equal(response.status, 404, url);
  assert.match(response.headers.get('content-type')!, /^application\/json/);
  assert.match(response.headers.get('x-request-id')!, /^req_/);
  const body = (await response.json()) as { error: { message: string } };
  assert.partialDeepStrictEqual(body, {
    error: { type: 'invalid_request_error', code: 'unknown_endpoint', param: null },
  });
  assert.ok(body.error.message.length > 0);
}

const headers = { authorization: `Bearer ${CALLER_KEY}` };

test('nothing of the admin port is on the application port', async () => {
  for (const path of ['/metrics', '/status', '/explain', '/v1/metrics', '/debug/pprof', '/']) {
    await isNotFound(`${gateway.origin}${path}`, { headers });
  }
});

test('nothing of the application port is on the admin port', async () => {
  const admin = gateway.adminUrl;
  for (const path of ['/v1/models', '/v1/models/chat', '/v1/chat/completions', '/', '/x']) {
    await isNotFound(`${admin}${path}`, { headers });
  }
  await isNotFound(`${admin}/v1/chat/completions`, { method: 'POST', headers, body: '{}' });
  await isNotFound(`${admin}/metrics`, { method: 'POST' });
});

test('both say that they live and whether they are ready', async () => {
  for (const at of [gateway.origin, gateway.adminUrl]) {
    for (const path of ['livez', 'readyz']) {
      const response = await fetch(`${at}/${path}`);
      assert.deepEqual([response.status, await response.text()], [200, 'ok']);
    }
  }
});

test('a path with another method: 405 that says which one it takes', async () => {
  const cases = [
    ['chat/completions', 'GET', 'POST'],
    ['embeddings', 'DELETE', 'POST'],
    ['models', 'POST', 'GET'],
    ['models/chat', 'PATCH', 'GET'],
  ];
  for (const [path, method, allowed] of cases) {
    const response = await fetch(`${gateway.url}/${path}`, { method: method!, headers });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), allowed);
    assert.partialDeepStrictEqual(await response.json(), { error: { code: 'method_not_allowed' } });
  }
});

test('what is ambiguous on the wire is refused on the admin port, too', async () => {
  const twoHosts = 'GET /status HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n';
  for (const bytes of [
    twoHosts,
    twoHosts.replaceAll(/Host: .\r\n/g, ''),
    'GET /status HTTP/1.1\r\nA : b\r\n\r\n',
  ]) {
    const [response, ...more] = await exchange(gateway.adminUrl, bytes);
    assert.deepEqual([response!.status, more], [400, []]);
    assert.match(response!.body, /"code":"invalid_request"/);
  }
  const bad = await fetch(`${gateway.adminUrl}/%ZZ`);
  assert.equal(bad.status, 400);
  assert.partialDeepStrictEqual(await bad.json(), { error: { code: 'invalid_request' } });
});

test('the status says what is served, since when, and how its targets are', async () => {
  for (let i = 0; i < 6; i++) {
    up.replyOnce(fail(500), fail(500));
    await fetch(`${gateway.url}/chat/completions`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{"model":"chat","messages":[{"role":"user","content":"Hi"}]}',
    });
  }
  const response = await fetch(`${gateway.adminUrl}/status`);
  const { uptimeSeconds, loadedAt, ageSeconds, targets, ...rest } = (await response.json()) as Record<
    string,
    unknown
  > & { targets: Record<string, unknown>[] };
  assert.deepEqual(rest, {
    ready: true,
    draining: false,
    source: 'test',
    inFlight: 0,
    revision: config(up.url).revision,
    counts: { aliases: 2, credentials: 1, callers: 1, policies: 0 },
  });
  assert.ok([uptimeSeconds, ageSeconds].every((n) => Number.isInteger(n)));
  assert.ok(Date.parse(String(loadedAt)) <= Date.now());
  const [target] = targets;
  assert.partialDeepStrictEqual(target, {
    alias: 'team/chat',
    credential: 'team/up',
    model: 'gpt-5-mini',
    weight: 1,
    priority: 0,
    state: 'Open',
  });
  assert.ok(Number(target!['restsForSeconds']) > 0);
});

test('explain answers as the command does, and says what it needs', async () => {
  const explained = await fetch(`${gateway.adminUrl}/explain?key=team/app&model=chat`);
  assert.equal(explained.status, 200);
  assert.match(await explained.text(), /"team\/up"/);
  const asked = await fetch(`${gateway.adminUrl}/explain`);
  assert.equal(asked.status, 400);
  assert.match(await asked.text(), /key=NAMESPACE\/NAME&model=ALIAS/);
});
