import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { SECRETS } from './api-resources.ts';
import { KubeClient } from './client.ts';
import type { KubeObject } from './object.ts';
import { Reflector } from './reflector.ts';
import { Store, type Stored } from './store.ts';

interface Item extends Stored {
  readonly name: string;
}

const secret = (name: string, resourceVersion: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'a', uid: `uid of ${name}`, resourceVersion: String(resourceVersion) },
});

const list = (version: number, items: KubeObject[], more = ''): object => ({
  metadata: { resourceVersion: String(version), ...(more && { continue: more }) },
  items,
});

const line = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;
const GONE = line('ERROR', { kind: 'Status', code: 410, reason: 'Expired' });

/** Answers requests one after the other; the last answer hangs as a watch that has nothing to say. */
type Answer = (query: URLSearchParams, response: ServerResponse) => void;

const json =
  (body: object, status = 200): Answer =>
  (_query, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const watch =
  (...lines: string[]): Answer =>
  (_query, response) =>
    void response.writeHead(200).end(lines.join(''));

const cutOff =
  (...lines: string[]): Answer =>
  (_query, response) => {
    response.writeHead(200);
    response.write(lines.join(''), () => response.destroy());
  };

interface Bench {
  /** What was asked for: `list` or `watch`, with where from. */
  asked: string[];
  names(): string[];
  /** Resolves when so many requests were made. */
  requests(count: number): Promise<void>;
}

async function reflect(context: TestContext, answers: readonly Answer[]): Promise<Bench> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { searchParams: query } = new URL(request.url!, 'http://x');
    const from = query.get('resourceVersion') ?? query.get('continue') ?? 'start';
    asked.push(`${query.get('watch') === 'true' ? 'watch' : 'list'} ${from}`);
    const answer = answers[asked.length - 1];
    if (answer) answer(query, response);
    else response.writeHead(200).flushHeaders();
    server.emit('asked');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const access = { url, tls: {}, authorization: async () => undefined, namespace: undefined };
  const client = new KubeClient(access, { userAgent: 'test' });
  const store = new Store<Item>({
    read: ({ metadata: { name, uid, resourceVersion } }) => ({
      name,
      uid: uid!,
      resourceVersion: resourceVersion!,
    }),
    changed: () => {},
  });
  const log = pino({ level: 'silent' });
  const reflector = new Reflector({
    client,
    scope: { resource: SECRETS },
    sink: store,
    log,
    count: () => {},
  });
  const controller = new AbortController();
  const running = reflector.run(controller.signal);
  context.after(async () => {
    controller.abort();
    await running;
    await client.close();
    server.closeAllConnections();
    server.close();
  });
  return {
    asked,
    names: () => [...store.values()].map(({ name }) => name).toSorted(),
    requests: async (count) => {
      while (asked.length < count) await once(server, 'asked');
    },
  };
}

test('it lists page by page, then watches from there', async (context) => {
  const bench = await reflect(context, [
    json(list(7, [secret('one', 1)], 'page-2')),
    json(list(7, [secret('two', 2)])),
  ]);
  await bench.requests(3);
  assert.deepEqual(bench.asked, ['list start', 'list page-2', 'watch 7']);
  assert.deepEqual(bench.names(), ['one', 'two']);
});

test('a watch that is cut off goes on from its last event, or bookmark', async (context) => {
  const bench = await reflect(context, [
    json(list(7, [secret('one', 1)])),
    cutOff(line('ADDED', secret('two', 8)), '{"type":"ADDED","obj'),
    watch(line('DELETED', secret('one', 9)), line('BOOKMARK', secret('', 20))),
  ]);
  await bench.requests(4);
  assert.deepEqual(bench.asked, ['list start', 'watch 7', 'watch 8', 'watch 20']);
  assert.deepEqual(bench.names(), ['two']);
});

test('only when its place is gone does it list anew, and what is not there any more goes', async (context) => {
  const bench = await reflect(context, [
    json(list(7, [secret('one', 1), secret('two', 2)])),
    json({ code: 503, reason: 'ServiceUnavailable' }, 503),
    watch(GONE),
    json(list(30, [secret('two', 2), secret('three', 29)])),
  ]);
  await bench.requests(5);
  assert.deepEqual(bench.asked, ['list start', 'watch 7', 'watch 7', 'list start', 'watch 30']);
  assert.deepEqual(bench.names(), ['three', 'two']);
});

test('a continue token that ran out is not used again: the next list is in one piece', async (context) => {
  const limits: (string | null)[] = [];
  const noting =
    (answer: Answer): Answer =>
    (query, response) => {
      limits.push(query.get('limit'));
      answer(query, response);
    };
  const bench = await reflect(context, [
    noting(json(list(7, [secret('one', 1)], 'page-2'))),
    noting(json({ code: 410, reason: 'Expired' }, 410)),
    noting(json(list(9, [secret('one', 1)]))),
  ]);
  await bench.requests(4);
  assert.deepEqual(limits, ['500', '500', null]);
  assert.deepEqual(bench.names(), ['one']);
});

test('that all is gone at once is asked for twice', async (context) => {
  const bench = await reflect(context, [
    json(list(7, [secret('one', 1)])),
    watch(GONE),
    json(list(30, [])),
    json(list(31, [secret('one', 1)])),
    watch(GONE),
    json(list(40, [])),
    json(list(41, [])),
  ]);
  await bench.requests(4);
  assert.deepEqual(bench.names(), ['one']);
  await bench.requests(8);
  assert.deepEqual(bench.asked.slice(5), ['list start', 'list start', 'watch 41']);
  assert.deepEqual(bench.names(), []);
});
