import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { CALLER_KEY, PROVIDER_KEY, testConfig } from '../gateway/config.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';

let up: Upstream;
let gateway: TestGateway;
before(async () => {
  up = await startUpstream();
  const target = { credential: 'team/up', weight: 1, priority: 0 };
  const targets = [
    { ...target, model: 'gpt-5', when: { headers: { 'x-tier': 'gold' } } },
    { ...target, model: 'gpt-5-mini' },
  ];
  gateway = await startGateway(testConfig({ upstream: up.url, targets }));
});
after(async () => {
  await gateway.stop();
  await up.stop();
});

const explain = (query: string): Promise<Response> => fetch(`${gateway.adminUrl}/explain?${query}`);

test('the admin port says what would happen to a request, by the configuration that serves', async () => {
  const answer = await explain('key=team/app&model=chat&header=x-tier:%20gold');
  assert.equal(answer.status, 200);
  const text = await answer.text();
  assert.partialDeepStrictEqual(JSON.parse(text), { model: 'chat', outcome: { allowed: true } });
  assert.match(text, /gpt-5-mini/);
  assert.ok(!text.includes(CALLER_KEY) && !text.includes(PROVIDER_KEY));
});

test('a refusal is explained too', async () => {
  const { outcome } = (await (await explain('key=team/app&model=secret')).json()) as { outcome: object };
  assert.partialDeepStrictEqual(outcome, { allowed: false, code: 'permission_denied' });
});

test('a question that is not one gets the usage', async () => {
  for (const query of ['', 'key=team/app', 'key=team/app&model=chat&header=gold']) {
    const answer = await explain(query);
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), /Ask \/explain\?key=/);
  }
});
