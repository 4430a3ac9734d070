import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { ApiServer } from './api-server.ts';
import { ManifestWatch } from './manifest-watch.ts';

/**
 * What a real API server cannot be made to do at will. Each request is answered by the next step; where a list or
 * a watch began is what the tests look at.
 */
type Step = (res: ServerResponse) => void;

const TIMES = { silentFor: 60_000, retry: { first: 5, longest: 20 }, steadyAfter: 60_000 };

interface Followed {
  /** `list`, or the version that a watch began from. */
  requests: string[];
  seen: (string | undefined)[];
  interruptions: string[];
}

/** Follows a server that answers by these steps, until all have been asked for. */
async function follow(context: TestContext, steps: readonly Step[], times = TIMES): Promise<Followed> {
  const followed: Followed = { requests: [], seen: [], interruptions: [] };
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const left = [...steps];
  const server = createServer((req, res) => {
    const { searchParams } = new URL(req.url!, 'http://api');
    assert.equal(searchParams.get('fieldSelector'), 'metadata.name=modelgate-config');
    followed.requests.push(searchParams.has('watch') ? searchParams.get('resourceVersion')! : 'list');
    const step = left.shift();
    if (step) step(res);
    else resolve();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const api = new ApiServer({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  const watch = new ManifestWatch(
    api,
    'gateway',
    {
      seen: (manifest) => followed.seen.push(manifest),
      interrupted: (error) => followed.interruptions.push((error as Error).message),
    },
    times,
  );
  context.after(async () => {
    watch.stop();
    await api.close();
    server.closeAllConnections();
    server.close();
  });
  await done;
  return followed;
}

const secret = (version: number, manifest: string): object => ({
  metadata: { name: 'modelgate-config', resourceVersion: String(version) },
  data: { 'manifest.json': Buffer.from(manifest).toString('base64') },
});
const event = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;
const bookmark = (version: number): string =>
  event('BOOKMARK', { metadata: { resourceVersion: String(version) } });

const list =
  (version: number, ...items: object[]): Step =>
  (res) =>
    res.end(JSON.stringify({ metadata: { resourceVersion: String(version) }, items }));
const watch =
  (...events: string[]): Step =>
  (res) =>
    res.end(events.join(''));
const error =
  (status: number): Step =>
  (res) =>
    res.writeHead(status).end(JSON.stringify({ kind: 'Status', code: status, message: `it is a ${status}` }));

test('a watch that ends goes on where it was, by its events and by its bookmarks', async (context) => {
  const followed = await follow(context, [
    list(10, secret(3, 'a')),
    watch(event('MODIFIED', secret(12, 'b')), bookmark(17)),
    watch(),
    watch(event('MODIFIED', secret(20, 'c'))),
  ]);
  assert.deepEqual(followed.requests, ['list', '10', '17', '17', '20']);
  assert.deepEqual(followed.seen, ['a', 'b', 'c']);
  assert.deepEqual(followed.interruptions, []);
});

test('no manifest, one that is made, and one that is deleted', async (context) => {
  const followed = await follow(context, [
    list(1),
    watch(event('ADDED', secret(2, 'a')), event('DELETED', secret(3, 'a'))),
  ]);
  assert.deepEqual(followed.seen, [undefined, 'a', undefined]);
});

const GONE = { kind: 'Status', code: 410, message: 'too old resource version' };

for (const [what, step, reason] of [
  ['410 as an event', watch(event('ERROR', GONE)), /answered 410: too old resource version/],
  ['410 as an answer', error(410), /answered 410: it is a 410/],
  ['an event that is cut off', watch(event('MODIFIED', secret(2, 'lost')).slice(0, 40)), /inside a line/],
  ['a connection that breaks', (res) => res.write(bookmark(5), () => res.destroy()), /./],
  ['an event of a type that is not known', watch(event('RENAMED', secret(2, 'x'))), /type/],
  ['something that is no JSON', watch('<html>\n'), /JSON/],
] satisfies [string, Step, RegExp][]) {
  test(`${what}: it looks anew`, async (context) => {
    const followed = await follow(context, [list(1, secret(1, 'a')), step, list(9, secret(8, 'b'))]);
    assert.deepEqual(followed.requests, ['list', '1', 'list', '9']);
    assert.deepEqual(followed.seen, ['a', 'b']);
    assert.equal(followed.interruptions.length, 1);
    assert.match(followed.interruptions[0]!, reason);
  });
}

test('a watch that is silent for too long is dead: it looks anew', async (context) => {
  const silent: Step = (res) => void res.write(bookmark(2));
  const steps = [list(1, secret(1, 'a')), silent, list(9, secret(8, 'b'))];
  const followed = await follow(context, steps, { ...TIMES, silentFor: 10 });
  assert.deepEqual(followed.requests, ['list', '1', 'list', '9']);
  assert.deepEqual(followed.seen, ['a', 'b']);
});

test('a list that fails is tried again', async (context) => {
  const followed = await follow(context, [error(503), error(429), error(403), list(1, secret(1, 'a'))]);
  assert.deepEqual(followed.requests, ['list', 'list', 'list', 'list', '1']);
  assert.deepEqual(followed.seen, ['a']);
  assert.equal(followed.interruptions.length, 3);
});
