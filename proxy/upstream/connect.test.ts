import assert from 'node:assert/strict';
import { lookup, type LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { Pool } from 'undici';
import { Egress, type EgressRule } from '../../core/net/egress.ts';
import { AddressDenied, guardedConnector } from './connect.ts';

let server: Server;
let requests = 0;
before(async () => {
  server = createServer((_req, res) => {
    requests++;
    res.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => server.close());

type Resolver = NonNullable<Parameters<typeof guardedConnector>[2]>;

/** Gives one answer after the other; the last one stands. */
function resolver(...answers: string[][]): { resolve: Resolver; asked: string[] } {
  const asked: string[] = [];
  const resolve: Resolver = (hostname, _options, callback) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)]!;
    asked.push(hostname);
    const addresses = answer.map((address): LookupAddress => {
      return { address, family: address.includes(':') ? 6 : 4 };
    });
    setImmediate(() => callback(null, addresses));
  };
  return { resolve, asked };
}

async function status(host: string, rule: EgressRule, resolve: Resolver = lookup): Promise<number> {
  const { port } = server.address() as AddressInfo;
  const connect = guardedConnector(new Egress(rule), { timeout: 5_000 }, resolve);
  const pool = new Pool(`http://${host}:${port}`, { connect });
  try {
    const { statusCode, body } = await pool.request({ path: '/', method: 'GET' });
    await body.dump();
    return statusCode;
  } finally {
    await pool.destroy();
  }
}

const HOME = { allowPrivate: true };

const refused = async (host: string, rule: EgressRule, resolve: Resolver): Promise<AddressDenied> => {
  const before_ = requests;
  const error = await status(host, rule, resolve).then(
    () => assert.fail(`${host} was called`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof AddressDenied, String(error));
  assert.equal(requests, before_);
  return error;
};

test('a name is resolved once for a connection, and what was judged is what is called', async () => {
  const { resolve, asked } = resolver(['127.0.0.1'], ['169.254.169.254']);
  assert.equal(await status('provider.test', HOME, resolve), 200);
  assert.deepEqual(asked, ['provider.test']);
});

test('a name that is bound anew between two connections is judged anew', async () => {
  const { resolve } = resolver(['127.0.0.1'], ['127.0.0.1', '169.254.169.254'], ['::ffff:a9fe:a9fe']);
  assert.equal(await status('provider.test', HOME, resolve), 200);
  const error = await refused('provider.test', HOME, resolve);
  assert.match(error.message, /^provider\.test has the address 169\.254\.169\.254, which is a link-local/);
  await refused('provider.test', HOME, resolve);
});

test('one bad address among good ones spoils the name, wherever it stands', async () => {
  for (const answer of [
    ['127.0.0.1', '93.184.216.34'],
    ['93.184.216.34', '127.0.0.1'],
    ['2606:4700::1', '::1'],
    ['fd00:ec2::254'],
    ['64:ff9b::7f00:1'],
  ])
    await refused('provider.test', {}, resolver(answer).resolve);
});

test('an answer without addresses, or with what is none, is no way around', async () => {
  await refused('provider.test', HOME, resolver([]).resolve);
  await refused('provider.test', HOME, resolver(['not an address']).resolve);
});

test('a name that tells what it is is not even resolved', async () => {
  const { resolve, asked } = resolver(['93.184.216.34']);
  for (const host of ['metadata.google.internal', 'kubernetes.default.svc'])
    await refused(host, HOME, resolve);
  await refused('vllm.models.svc', {}, resolve);
  assert.deepEqual(asked, []);
});

test('a resolver that fails is told as it is', async () => {
  const resolve: Resolver = (_hostname, _options, callback) =>
    callback(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }), []);
  await assert.rejects(status('provider.test', HOME, resolve), { code: 'ENOTFOUND' });
});

test("the system's resolver serves where none is given", async () => {
  assert.equal(await status('localhost', HOME), 200);
  await refused('localhost', { allowPrivate: false }, lookup);
});

test('callers that want one address get one', async () => {
  const connect = guardedConnector(
    new Egress(HOME),
    { timeout: 5_000, autoSelectFamily: false },
    resolver(['127.0.0.1']).resolve,
  );
  const { port } = server.address() as AddressInfo;
  const pool = new Pool(`http://provider.test:${port}`, { connect });
  const { statusCode, body } = await pool.request({ path: '/', method: 'GET' });
  await body.dump();
  assert.equal(statusCode, 200);
  await pool.destroy();
});
