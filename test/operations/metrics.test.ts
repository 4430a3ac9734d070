import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inFlight } from '../edge/in-flight.ts';
import { exchange } from '../edge/raw-http.ts';
import { until } from '../edge/until.ts';
import { CALLER_KEY, testConfig } from '../gateway/config.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { cutAfter, faulty } from '../upstream/faults.ts';
import { fail, hang, like } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { parseExposition, type Family } from './exposition.ts';

let up: Upstream;
let gateway: TestGateway;
before(async () => {
  up = await startUpstream();
});
after(() => up.stop());

/** `chat` may be called seven times a day; `team/*` has no limit. */
const config = (upstream: string) =>
  testConfig({
    upstream,
    change: (content) => {
      const chat = content.aliases['team/chat']!;
      return {
        ...content,
        aliases: {
          ...content.aliases,
          'team/chat': { ...chat, policies: ['team/seven'] },
          'team/any': { ...chat, name: 'team/*', policies: ['team/watch'] },
        },
        access: {
          ...content.access,
          own: [...content.access['own']!, { match: 'team/*', alias: 'team/any' }],
        },
        policies: {
          'team/seven': {
            namespace: 'team',
            name: 'seven',
            mode: 'Enforce',
            limits: [{ name: 'rpd', counts: 'Requests', max: 7, per: 'Day', scope: 'Caller' }],
            retries: { attempts: 2, backoffBase: 1, backoffMax: 1 },
          },
          'team/watch': {
            namespace: 'team',
            name: 'watch',
            mode: 'Monitor',
            limits: [{ name: 'none', counts: 'Requests', max: 0, per: 'Day', scope: 'Header:x-user' }],
          },
        },
      };
    },
  });

async function scrape(): Promise<Map<string, Family>> {
  const response = await fetch(`${gateway.adminUrl}/metrics`);
  assert.match(response.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/);
  return parseExposition(await response.text());
}

async function ask(fields: object = {}, init: RequestInit = {}): Promise<number> {
  const response = await fetch(`${gateway.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${CALLER_KEY}` },
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'Hi' }], ...fields }),
    ...init,
  });
  await response.text().catch(() => undefined);
  return response.status;
}

async function leave(): Promise<void> {
  const controller = new AbortController();
  up.replyOnce(hang);
  const n = up.requests.length;
  const answer = ask({}, { signal: controller.signal });
  await up.request(n);
  controller.abort();
  await assert.rejects(answer);
  await until(async () => (await inFlight(gateway.adminUrl)) === 0);
}

/** Values of one family by its labels, as written, without those of the process itself. */
function values(families: Map<string, Family>, name: string): Record<string, number> {
  const entries = [...families.get(name)!.samples].map(([series, value]): [string, number] => [
    series.slice(name.length),
    value,
  ]);
  return Object.fromEntries(entries);
}

const requests = (alias: string, provider: string, status: number, outcome = 'complete'): string =>
  `{alias="${alias}",provider="${provider}",endpoint="chat/completions",status="${status}",outcome="${outcome}"}`;

test('what was sent is what is counted', async () => {
  gateway = await startGateway(config(up.url));
  const provider = 'OpenAICompatible';
  assert.equal(await ask(), 200);
  assert.equal(await ask({ stream: true }), 200);
  up.replyOnce(fail(503));
  assert.equal(await ask(), 200);
  up.replyOnce(fail(503), fail(503));
  assert.equal(await ask(), 502);
  up.replyOnce(fail(400));
  assert.equal(await ask(), 400);
  up.replyOnce(faulty(like('lorem'), cutAfter(500)));
  assert.equal(await ask({ stream: true }), 200);
  await leave();
  assert.equal(await ask(), 429);
  assert.equal(await ask(), 429);
  assert.equal(await ask({ model: 'team/x' }), 200);
  assert.equal(await ask({ model: 'none' }), 404);
  assert.equal(await ask({}, { headers: { authorization: 'Bearer mg-unknown' } }), 401);
  await until(async () => (await inFlight(gateway.adminUrl)) === 0);
  const families = await scrape();

  assert.deepEqual(values(families, 'modelgate_requests_total'), {
    [requests('team/chat', provider, 200)]: 3,
    [requests('team/chat', provider, 502)]: 1,
    [requests('team/chat', provider, 400)]: 1,
    [requests('team/chat', provider, 200, 'failed')]: 1,
    [requests('team/chat', provider, 499, 'aborted')]: 1,
    [requests('team/chat', 'none', 429)]: 2,
    [requests('team/any', provider, 200)]: 1,
    [requests('unknown', 'none', 404)]: 1,
    [requests('unknown', 'none', 401)]: 1,
  });
  const at = (alias: string): string => `{alias="${alias}",credential="team/up",provider="${provider}"`;
  assert.deepEqual(values(families, 'modelgate_upstream_attempts_total'), {
    [`${at('team/chat')}}`]: 9,
    [`${at('team/any')}}`]: 1,
  });
  assert.deepEqual(values(families, 'modelgate_upstream_failures_total'), {
    [`${at('team/chat')},reason="5xx"}`]: 3,
    // The stream that broke.
    [`${at('team/chat')},reason="ConnectFailure"}`]: 1,
  });
  assert.deepEqual(values(families, 'modelgate_errors_total'), {
    '{code="upstream_error"}': 2,
    '{code="rate_limit_exceeded"}': 2,
    '{code="model_not_found"}': 1,
    '{code="invalid_api_key"}': 1,
  });
  assert.deepEqual(values(families, 'modelgate_limit_rejections_total'), { '{limit="team/seven/rpd"}': 2 });
  assert.deepEqual(values(families, 'modelgate_would_have_total'), {
    '{decision="limit team/watch/none"}': 1,
  });
  assert.deepEqual(values(families, 'modelgate_config_loads_total'), { '{result="loaded"}': 1 });
  const { revision } = config(up.url);
  assert.deepEqual(values(families, 'modelgate_config_info'), { [`{revision="${revision}"}`]: 1 });
  assert.ok(values(families, 'modelgate_config_age_seconds')['']! >= 0);
  assert.deepEqual(values(families, 'modelgate_requests_in_flight'), { '': 0 });
});

test('tokens are those that the provider reported', async () => {
  const tokens = values(await scrape(), 'gen_ai_client_token_usage');
  const of = (alias: string, type: string, end: string): number | undefined =>
    tokens[
      `${end}{gen_ai_operation_name="chat",gen_ai_provider_name="openai_compatible",gen_ai_request_model="${alias}",gen_ai_token_type="${type}"}`
    ];
  for (const type of ['input', 'output']) {
    assert.deepEqual([of('team/chat', type, '_sum'), of('team/chat', type, '_count')], [3, 3]);
    assert.deepEqual([of('team/any', type, '_sum'), of('team/any', type, '_count')], [1, 1]);
  }
});

test('histograms add up', async () => {
  const histograms = [...(await scrape())].filter(([, { type }]) => type === 'histogram');
  assert.deepEqual(
    histograms.map(([name]) => name).filter((name) => !name.startsWith('nodejs_')),
    [
      'gen_ai_server_request_duration_seconds',
      'gen_ai_server_time_to_first_token_seconds',
      'gen_ai_client_token_usage',
    ],
  );
  for (const [name, { samples }] of histograms) {
    const counts = [...samples].filter(([series]) => series.startsWith(`${name}_count`));
    for (const [series, count] of counts) {
      const labels = series.slice(`${name}_count`.length).slice(1, -1);
      const buckets = [...samples].filter(
        ([bucket]) => bucket.startsWith(`${name}_bucket{`) && bucket.includes(labels),
      );
      const inOrder = buckets.map(([, value]) => value);
      assert.deepEqual(
        inOrder,
        inOrder.toSorted((a, b) => a - b),
        `${series} is cumulative`,
      );
      assert.match(buckets.at(-1)![0], /le="\+Inf"/);
      assert.equal(inOrder.at(-1), count);
      assert.ok(samples.has(`${name}_sum${series.slice(`${name}_count`.length)}`));
    }
  }
});

test('callers cannot make new series', async () => {
  const seriesOf = async (): Promise<string[]> =>
    [...(await scrape()).values()]
      .flatMap(({ samples }) => [...samples.keys()])
      .filter((s) => !/^(?:node|proc)/.test(s));
  const unknown = async (i: number): Promise<void> => {
    await ask({ model: `none-${i}` });
    await ask(
      { model: `team/${i}` },
      {
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${CALLER_KEY}`,
          'x-user': String(i),
        },
      },
    );
    await ask({}, { headers: { authorization: `Bearer mg-${i}` } });
    await (await fetch(`${gateway.origin}/v1/${i}`)).text();
    await exchange(gateway.origin, `GET /${i} HTTP/1.1\r\nHost: h${i}\r\nConnection: close\r\n\r\n`);
    await exchange(gateway.origin, `X${i} / HTTP/1.1\r\nHost: h\r\n\r\n`);
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PROPFIND'])
      await (await fetch(`${gateway.url}/chat/completions`, { method })).text();
  };
  await unknown(0);
  const before_ = await seriesOf();
  for (let i = 1; i <= 40; i++) await unknown(i);
  for (let i = 0; i < 1_000; i += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, j) => ask({ model: `none-${i + j}` })));
  }
  assert.deepEqual(await seriesOf(), before_);
  await gateway.stop();
});
