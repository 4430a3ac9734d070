import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../feature/ask.ts';
import { startGateway } from '../gateway/start.ts';
import { blocks, page } from './markdown.ts';

const [yaml] = blocks(page('docs/limits.md'), 'yaml');
const question = { key: 'mg-the-key-of-the-shop-0123456789', model: 'chat' };

test('the example limits', async (t) => {
  const gateway = await startGateway(yaml!);
  t.after(() => gateway.stop());
  const answers = [];
  for (let i = 0; i < 3; i++) answers.push(await ask(gateway, question));
  assert.deepEqual(
    answers.map(({ status, headers }) => [status, headers.get('x-ratelimit-remaining-requests')]),
    [
      [200, '1'],
      [200, '0'],
      [429, '0'],
    ],
  );
});

test('in Monitor mode it counts what it would have refused', async (t) => {
  const gateway = await startGateway(yaml!.replace('  limits:', '  mode: Monitor\n  limits:'));
  t.after(() => gateway.stop());
  for (let i = 0; i < 3; i++) assert.equal((await ask(gateway, question)).status, 200);
  const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
  assert.match(metrics, /^modelgate_would_have_total\{.*platform\/shop\/weekly.*\} 1$/m);
});
