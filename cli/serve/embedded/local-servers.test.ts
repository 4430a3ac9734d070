import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { findLocalServers } from './local-servers.ts';

async function listen(context: TestContext, answer: RequestListener): Promise<number> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
}

test('servers that list models are found; silent, broken and foreign ones are not', async (t) => {
  const models = { data: [{ id: 'llama3:8b' }, { id: 'org/model' }, { name: 'no id' }, null] };
  const many = { data: Array.from({ length: 50 }, (_, i) => ({ id: `m${i}` })) };
  const json = (value: unknown): RequestListener => {
    return (_, res) => res.setHeader('content-type', 'application/json').end(JSON.stringify(value));
  };
  const found = await listen(t, json(models));
  const known = [
    { name: 'found', port: found },
    { name: 'large', port: await listen(t, json(many)) },
    { name: 'silent', port: await listen(t, () => undefined) },
    { name: 'null', port: await listen(t, json(null)) },
    { name: 'other', port: await listen(t, json({ data: 'text' })) },
    { name: 'html', port: await listen(t, (_, res) => res.end('<html>')) },
    { name: 'error', port: await listen(t, (_, res) => res.writeHead(500).end('{"data": []}')) },
    { name: 'elsewhere', port: await listen(t, (_, res) => res.writeHead(302, { location: '/' }).end()) },
  ];
  const [first, second, ...others] = await findLocalServers(known);
  const baseURL = `http://127.0.0.1:${found}/v1`;
  assert.deepEqual(first, { name: 'found', baseURL, models: ['llama3:8b', 'org/model'] });
  assert.equal(second?.models.length, 20);
  assert.deepEqual(others, []);
});
