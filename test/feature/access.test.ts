import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { GatewayOptions } from '../../proxy/options.ts';
import { CALLER_KEY, PROVIDER_KEY, sha256, testConfig } from '../gateway/config.ts';
import { compileYaml } from '../gateway/compile-yaml.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { fail, like } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { ask, askStream, outcome } from './ask.ts';
import { callerKey, modelAlias, providerKey, resources, type Sketch } from './resources.ts';

let a: Upstream;
/** Nothing may ever get here. */
let canary: Upstream;
let gateway: TestGateway;

before(async () => {
  [a, canary] = [await startUpstream(), await startUpstream()];
});
after(() => Promise.all([a.stop(), canary.stop()]));
beforeEach(() => {
  a.reply(like());
  a.requests.length = 0;
});
afterEach(() => gateway.stop());

async function start(sketch: Partial<Sketch> = {}, options: Partial<GatewayOptions> = {}): Promise<void> {
  gateway = await startGateway(resources({ upstreams: { a: a.url }, ...sketch }), options);
}

/** Sends no key but those in the headers. */
function present(headers: Record<string, string>): Promise<Response> {
  const body = JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'Hi' }] });
  const type = { 'content-type': 'application/json' };
  return fetch(`${gateway.url}/chat/completions`, { method: 'POST', headers: { ...type, ...headers }, body });
}

describe('a key', () => {
  test('is taken from where each SDK puts it', async () => {
    await start();
    const places = [
      { authorization: `Bearer ${CALLER_KEY}` },
      { authorization: `bearer  ${CALLER_KEY}` },
      { 'x-api-key': CALLER_KEY },
      { 'x-goog-api-key': CALLER_KEY },
      { authorization: `Bearer ${CALLER_KEY}`, 'x-api-key': CALLER_KEY },
    ];
    for (const headers of places) assert.equal((await present(headers)).status, 200, JSON.stringify(headers));
  });

  test('that is missing, unknown, no bearer token, or one of two is refused', async () => {
    await start({ more: [callerKey('other', 'mg-other-key-0123456789')] });
    const refused: Record<string, string>[] = [
      {},
      { authorization: '' },
      { authorization: 'Bearer ' },
      { authorization: `Bearer ${CALLER_KEY}x` },
      { authorization: `Bearer ${sha256(CALLER_KEY)}` },
      { authorization: `Basic ${CALLER_KEY}` },
      { authorization: CALLER_KEY },
      { authorization: `Bearer ${CALLER_KEY}`, 'x-api-key': 'mg-other-key-0123456789' },
      { authorization: `Bearer ${providerKey('a')}` },
    ];
    for (const headers of refused) {
      const answer = await present(headers);
      const text = await answer.clone().text();
      assert.deepEqual(await outcome(answer), [401, 'invalid_api_key'], JSON.stringify(headers));
      assert.ok(!text.includes(CALLER_KEY));
    }
    assert.equal(a.requests.length, 0);
  });

  test('in the query or in the body is no key', async () => {
    await start();
    const body = JSON.stringify({ model: 'chat', messages: [], api_key: CALLER_KEY, key: CALLER_KEY });
    const answer = fetch(`${gateway.url}/chat/completions?key=${CALLER_KEY}&api_key=${CALLER_KEY}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    assert.deepEqual(await outcome(answer), [401, 'invalid_api_key']);
  });

  test('that is disabled or has expired says so', async () => {
    const more = [
      callerKey('off', 'mg-disabled-key-0123456789', { disabled: true }),
      callerKey('old', 'mg-expired-key-0123456789', { expiresAt: '2020-01-01T00:00:00Z' }),
      callerKey('young', 'mg-valid-key-0123456789', { expiresAt: '2999-01-01T00:00:00Z' }),
    ];
    // Their statuses say so, too: these resources are not all in order.
    const { config } = compileYaml(resources({ upstreams: { a: a.url }, more }));
    gateway = await startGateway(config);
    const answer = (name: string) => ask(gateway, { key: `mg-${name}-key-0123456789` });
    assert.deepEqual(await outcome(answer('disabled')), [401, 'api_key_disabled']);
    assert.deepEqual(await outcome(answer('expired')), [401, 'api_key_expired']);
    assert.equal((await answer('valid')).status, 200);
  });

  test('that was rotated is good until its own end, the new one beyond', async () => {
    const keys = [
      { sha256: sha256('mg-former-key'), expiresAt: Date.UTC(2020, 0) },
      { sha256: sha256('mg-overlapping-key'), expiresAt: Date.UTC(2999, 0) },
      { sha256: sha256('mg-new-key') },
    ];
    gateway = await startGateway(
      testConfig({
        upstream: a.url,
        change: (content) => ({
          ...content,
          callers: { 'team/app': { ...content.callers['team/app']!, keys } },
        }),
      }),
    );
    assert.deepEqual(await outcome(ask(gateway, { key: 'mg-former-key' })), [401, 'api_key_expired']);
    assert.equal((await ask(gateway, { key: 'mg-overlapping-key' })).status, 200);
    assert.equal((await ask(gateway, { key: 'mg-new-key' })).status, 200);
  });
});

describe('an alias', () => {
  test('that the key may know of and not use is a 403, any other a 404', async () => {
    await start({
      caller: { aliases: ['chat'] },
      more: [
        modelAlias('code', [{ at: 'a' }]),
        { ...modelAlias('theirs', [{ at: 'a' }]), metadata: { name: 'theirs', namespace: 'elsewhere' } },
        ...foreignCredential,
      ],
    });
    assert.equal((await ask(gateway)).status, 200);
    assert.deepEqual(await outcome(ask(gateway, { model: 'code' })), [403, 'permission_denied']);
    const hidden = await ask(gateway, { model: 'theirs' });
    const unknown = await ask(gateway, { model: 'nobody' });
    assert.deepEqual([hidden.status, unknown.status], [404, 404]);
    assert.equal((await hidden.text()).replace('theirs', 'nobody'), await unknown.text());
    assert.equal(a.requests.length, 1);
  });

  test('without a usable target is answered with 503, never by a wildcard that covers its name', async () => {
    const more = [
      modelAlias('all', [{ at: 'a', model: '*' }], { alias: '*' }),
      modelAlias('broken', [{ at: 'nowhere' }]),
    ];
    const { config } = compileYaml(resources({ upstreams: { a: a.url }, more }));
    gateway = await startGateway(config);
    assert.equal((await ask(gateway, { model: 'anything' })).status, 200);
    const answer = await ask(gateway, { model: 'broken' });
    assert.match(await answer.clone().text(), /"broken\\" has no target that can be used at present/);
    assert.deepEqual(await outcome(answer), [503, 'no_healthy_target']);
    assert.equal(a.requests.length, 1);
  });

  test('is never found by a name that JavaScript knows', async () => {
    await start();
    for (const model of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype']) {
      assert.deepEqual(await outcome(ask(gateway, { model })), [404, 'model_not_found'], model);
      const found = await fetch(`${gateway.url}/models/${model}`, { headers: { 'x-api-key': CALLER_KEY } });
      assert.deepEqual(await outcome(found), [404, 'model_not_found'], model);
    }
    assert.equal((await ask(gateway)).status, 200);
  });
});

/** What an alias of the namespace `elsewhere` needs to be in order. */
const foreignCredential = [
  {
    apiVersion: 'modelgate.dev/v1alpha1',
    kind: 'ProviderCredential',
    metadata: { name: 'a', namespace: 'elsewhere' },
    spec: { provider: 'Mock' },
  },
];

describe('every answer', () => {
  test('has a request id, whatever it is', async () => {
    await start({
      policy: { request: { maxBodyBytes: 1024 }, retries: { attempts: 1 } },
      more: [modelAlias('drained', [{ at: 'a', weight: 0 }])],
    });
    const url = gateway.url;
    const answers: Record<string, [number, () => Promise<Response>]> = {
      JSON: [200, () => ask(gateway)],
      stream: [200, () => askStream(gateway)],
      models: [200, () => fetch(`${url}/models`, { headers: { 'x-api-key': CALLER_KEY } })],
      'no key': [401, () => fetch(`${url}/models`)],
      'bad JSON': [400, () => ask(gateway, { body: '{' })],
      'no model': [404, () => ask(gateway, { model: 'nobody' })],
      'no path': [404, () => fetch(`${url}/nowhere`)],
      'bad path': [400, () => fetch(`${url}/models/%zz`, { headers: { 'x-api-key': CALLER_KEY } })],
      method: [405, () => fetch(`${url}/chat/completions`, { method: 'DELETE' })],
      size: [413, () => ask(gateway, { fields: { user: 'x'.repeat(2_000) } })],
      type: [415, () => ask(gateway, { headers: { 'content-type': 'text/plain' } })],
      upstream: [
        502,
        () => {
          a.replyOnce(fail(500));
          return ask(gateway);
        },
      ],
      drained: [503, () => ask(gateway, { model: 'drained' })],
    };
    const seen = new Set<string>();
    for (const [name, [status, send]] of Object.entries(answers)) {
      const answer = await send();
      await answer.text();
      const id = answer.headers.get('x-request-id')!;
      assert.deepEqual([answer.status, answer.headers.get('request-id')], [status, id], name);
      assert.match(id, /^req_[\w-]{10,}$/, name);
      assert.match(answer.headers.get('x-modelgate-revision')!, /^[0-9a-f]{16}$/, name);
      seen.add(id);
    }
    assert.equal(seen.size, Object.keys(answers).length);
  });

  test('has the caller’s own id when that is harmless', async () => {
    await start();
    const idFor = async (given: string) =>
      (await ask(gateway, { headers: { 'x-request-id': given } })).headers.get('x-request-id')!;
    assert.equal(await idFor('trace-1:2.3_4'), 'trace-1:2.3_4');
    for (const given of ['a b', 'ä', '<script>', 'x'.repeat(129), '"'])
      assert.match(await idFor(given), /^req_/);
  });

  test('says which alias, provider, model and attempt it is from', async () => {
    await start({ alias: { alias: 'chat' } });
    const { headers } = await ask(gateway);
    const own = ['alias', 'provider', 'model', 'attempts', 'cache'];
    assert.deepEqual(
      own.map((name) => headers.get(`x-modelgate-${name}`)),
      ['chat', 'OpenAICompatible', 'gpt-5-mini', '1', 'bypass'],
    );
  });

  test('hides provider and model when told to', async () => {
    await start({}, { upstreamHeaders: false });
    for (const answer of [await ask(gateway), await askStream(gateway)]) {
      const names = [...answer.headers.keys()];
      assert.ok(names.includes('x-modelgate-alias'));
      assert.ok(!names.includes('x-modelgate-provider') && !names.includes('x-modelgate-model'));
      await answer.text();
    }
  });
});

describe('the upstream', () => {
  const curious = {
    cookie: 'session=1',
    'x-api-key': CALLER_KEY,
    'x-forwarded-for': '10.0.0.1',
    'x-real-ip': '10.0.0.1',
    forwarded: 'for=10.0.0.1',
    'x-session-id': 's-1',
    'openai-organization': 'theirs',
    'user-agent': 'curious/1.0',
    'accept-language': 'fr',
    'x-stainless-lang': 'js',
    'idempotency-key': 'k',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'a=b',
  };
  const always = [
    'accept',
    'authorization',
    'connection',
    'content-length',
    'content-type',
    'host',
    'user-agent',
  ];

  /** Names and values of the last request, each name once. */
  function lastHeaders(): Record<string, string> {
    const { rawHeaders } = a.requests.at(-1)!;
    const pairs = Array.from({ length: rawHeaders.length / 2 }, (_, i) => [
      rawHeaders[2 * i]!.toLowerCase(),
      rawHeaders[2 * i + 1]!,
    ]);
    assert.equal(new Set(pairs.map(([name]) => name)).size, pairs.length, 'no header is sent twice');
    return Object.fromEntries(pairs) as Record<string, string>;
  }

  test('sees none of the caller’s headers but those that continue a trace', async () => {
    await start();
    assert.equal((await ask(gateway, { headers: curious })).status, 200);
    const headers = lastHeaders();
    assert.deepEqual(Object.keys(headers).toSorted(), [...always, 'traceparent', 'tracestate'].toSorted());
    assert.equal(headers['authorization'], `Bearer ${providerKey('a')}`);
    assert.equal(headers['traceparent'], curious.traceparent);
    assert.equal(headers['user-agent'], 'modelgate');
    assert.equal(headers['host'], new URL(a.url).host);
    assert.ok(!JSON.stringify(headers).includes(CALLER_KEY));
  });

  test('sees those that the credential lets through, and what the credential adds; the latter wins', async () => {
    await start({
      credential: {
        forwardHeaders: ['X-Session-ID', 'OpenAI-Organization', 'traceparent', 'User-Agent'],
        headers: { 'OpenAI-Organization': 'ours', 'x-added': '1' },
      },
    });
    await ask(gateway, { headers: curious });
    const headers = lastHeaders();
    const extra = ['traceparent', 'tracestate', 'x-session-id', 'openai-organization', 'x-added'];
    assert.deepEqual(Object.keys(headers).toSorted(), [...always, ...extra].toSorted());
    assert.equal(headers['openai-organization'], 'ours');
    assert.equal(headers['x-session-id'], 's-1');
    assert.equal(headers['user-agent'], 'curious/1.0');
    await ask(gateway, { headers: { 'user-agent': '' } });
    assert.ok(!('x-session-id' in lastHeaders()));
  });

  test('is chosen by nothing in a request', async () => {
    await start();
    const { host } = new URL(canary.url);
    const fields = {
      base_url: canary.url,
      api_base: canary.url,
      provider: { base_url: canary.url },
      extra_headers: { 'x-evil': '1' },
      route: canary.url,
    };
    const headers = {
      'x-portkey-custom-host': canary.url,
      'x-modelgate-provider': canary.url,
      'x-modelgate-base-url': canary.url,
      'x-forwarded-host': host,
      'x-original-url': canary.url,
      'x-rewrite-url': canary.url,
    };
    const query = `?base_url=${encodeURIComponent(canary.url)}&api-version=1`;
    const answer = await ask(gateway, { path: `chat/completions${query}`, fields, headers });
    assert.equal(answer.status, 200);
    assert.equal(a.requests[0]!.path, '/v1/chat/completions', 'not even a query goes on');
    assert.ok(!('x-evil' in a.requests[0]!.headers));
    for (const target of ['/v1/chat/completions', `${canary.url}/chat/completions`]) {
      const status = await rawPost(target, host);
      assert.ok(status === 200 || status === 404 || status === 400, `${status}`);
    }
    for (const { headers: sent } of a.requests) assert.equal(sent.host, new URL(a.url).host);
    assert.equal(canary.requests.length, 0);
  });

  /** A request with a `Host` of its own, and any request target. */
  function rawPost(path: string, host: string): Promise<number | undefined> {
    const body = JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'Hi' }] });
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(gateway.url);
      const headers = { host, 'x-api-key': CALLER_KEY, 'content-type': 'application/json' };
      request({ hostname, port, path, method: 'POST', headers }, (res) => {
        res.resume().once('end', () => resolve(res.statusCode));
      })
        .once('error', reject)
        .end(body);
    });
  }

  test('gets a provider’s key in no other place', async () => {
    gateway = await startGateway(testConfig({ upstream: a.url }));
    await ask(gateway);
    const { rawHeaders, body, path } = a.requests[0]!;
    const places = [...rawHeaders, body.toString(), path].filter((text) => text.includes(PROVIDER_KEY));
    assert.deepEqual(places, [`Bearer ${PROVIDER_KEY}`]);
  });
});
