import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { fail, like } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { ask, statuses, until } from './ask.ts';
import { modelAlias, resources } from './resources.ts';

let a: Upstream;
let b: Upstream;
let gateway: TestGateway;

before(async () => {
  [a, b] = [await startUpstream(), await startUpstream()];
});
after(() => Promise.all([a, b].map((up) => up.stop())));
beforeEach(async () => {
  for (const up of [a, b]) {
    up.reply(like());
    up.requests.length = 0;
  }
  const alias = { routing: { strategy: 'LeastBusy' } };
  const more = [modelAlias('only-a', [{ at: 'a' }])];
  gateway = await startGateway(resources({ upstreams: { a: a.url, b: b.url }, alias, more }));
});
afterEach(() => gateway.stop());

async function usesFirst(): Promise<boolean> {
  const seen = a.requests.length;
  assert.equal((await ask(gateway)).status, 200);
  return a.requests.length > seen;
}

test('a request in flight sends the next one elsewhere until it has ended, also one for another alias', async () => {
  for (const model of ['chat', 'only-a']) {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const seen = a.requests.length;
    a.replyOnce((request) => ({ ...like()(request), steps: [{ until: gate }, ...like()(request).steps] }));
    const held = ask(gateway, { model });
    await a.request(seen);
    assert.equal(await usesFirst(), false);
    open();
    assert.equal((await held).status, 200);
    await until(usesFirst, (first) => first);
  }
});

test('what failed, and what its caller left, is in flight no longer', async () => {
  a.replyOnce(fail(500));
  assert.deepEqual(await statuses(() => ask(gateway), 1), [200]);
  await until(usesFirst, (first) => first);
  const never = new Promise<void>(() => {});
  const seen = a.requests.length;
  a.replyOnce((request) => ({ ...like()(request), steps: [{ until: never }] }));
  const leaving = new AbortController();
  const left = ask(gateway, { signal: leaving.signal });
  await a.request(seen);
  leaving.abort();
  await assert.rejects(left);
  await until(usesFirst, (first) => first);
});
