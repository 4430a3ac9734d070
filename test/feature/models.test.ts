import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { CALLER_KEY } from '../gateway/config.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { outcome } from './ask.ts';
import { callerKey, modelAlias, resources, type Sketch } from './resources.ts';

let a: Upstream;
let gateway: TestGateway;

before(async () => {
  a = await startUpstream();
});
after(() => a.stop());
afterEach(() => gateway.stop());

async function start(sketch: Partial<Sketch> = {}): Promise<void> {
  gateway = await startGateway(
    resources({
      upstreams: { a: a.url },
      alias: { description: 'For talking' },
      more: [
        modelAlias('big', [{ at: 'a' }], { alias: 'meta/llama-3.3:70b' }),
        modelAlias('wild', [{ at: 'a', model: '*' }], { alias: 'team/*' }),
        callerKey('nothing', 'mg-nothing-key-0123456789', { aliases: [] }),
      ],
      ...sketch,
    }),
  );
}

interface Model {
  id: string;
  created: number;
  created_at: string;
}
interface Listing {
  data: Model[];
  first_id: string | null;
  last_id: string | null;
}

const get = (path: string, key = CALLER_KEY): Promise<Response> =>
  fetch(`${gateway.url}/${path}`, { headers: { authorization: `Bearer ${key}` } });

test('the list is OpenAI’s and Anthropic’s at once, and sorted', async () => {
  await start();
  const answer = await get('models');
  assert.match(answer.headers.get('content-type')!, /^application\/json/);
  const list = (await answer.json()) as Listing;
  assert.partialDeepStrictEqual(list, { object: 'list', has_more: false });
  const ids = list.data.map(({ id }) => id);
  assert.deepEqual(ids, ['chat', 'meta/llama-3.3:70b', 'team/*']);
  assert.deepEqual([list.first_id, list.last_id], [ids[0], ids[2]]);
  const [chat] = list.data;
  assert.partialDeepStrictEqual(chat!, {
    object: 'model',
    type: 'model',
    owned_by: 'team',
    display_name: 'chat',
    description: 'For talking',
  });
  assert.ok(Number.isSafeInteger(chat!.created));
  assert.equal(Date.parse(chat!.created_at), chat!.created * 1_000);
  assert.equal(a.requests.length, 0);
});

test('one model is found by its name: with slashes, encoded, and what a wildcard covers', async () => {
  await start();
  const names = ['chat', 'meta/llama-3.3:70b', 'meta%2Fllama-3.3%3A70b', 'team/anything/at-all', 'team/*'];
  for (const name of names) {
    const answer = await get(`models/${name}`);
    assert.equal(answer.status, 200, name);
    assert.equal(((await answer.json()) as Model).id, decodeURIComponent(name));
  }
  const listed = ((await (await get('models')).json()) as Listing).data[0];
  assert.deepEqual(await (await get('models/chat')).json(), listed);
});

test('only what the key may use is there', async () => {
  await start({ caller: { aliases: ['chat'] } });
  const { data } = (await (await get('models')).json()) as Listing;
  assert.deepEqual(
    data.map(({ id }) => id),
    ['chat'],
  );
  for (const name of ['meta/llama-3.3:70b', 'team/x', 'nobody', 'cha', 'chat/']) {
    assert.deepEqual(await outcome(get(`models/${name}`)), [404, 'model_not_found'], name);
  }
  const none = (await (await get('models', 'mg-nothing-key-0123456789')).json()) as Listing;
  assert.deepEqual([none.data, none.first_id, none.last_id], [[], null, null]);
});

test('a key is needed', async () => {
  await start();
  for (const path of ['models', 'models/chat']) {
    assert.deepEqual(await outcome(get(path, 'wrong')), [401, 'invalid_api_key']);
  }
});

test('a new alias is listed and callable as soon as the configuration is taken over', async () => {
  await start();
  const more = [modelAlias('new', [{ at: 'a' }])];
  await gateway.use(resources({ upstreams: { a: a.url }, more }));
  const { data } = (await (await get('models')).json()) as Listing;
  assert.deepEqual(
    data.map(({ id }) => id),
    ['chat', 'new'],
  );
});
