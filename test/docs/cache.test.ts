import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { modelgate, temporaryFolder } from '../cli/command.ts';
import { ask } from '../feature/ask.ts';
import { startGateway } from '../gateway/start.ts';
import { blocks, page } from './markdown.ts';

const [yaml] = blocks(page('docs/cache.md'), 'yaml');

test('the example caches', async (t) => {
  const gateway = await startGateway(yaml!);
  t.after(() => gateway.stop());
  const question = { key: 'mg-the-key-of-the-site-0123456789', model: 'faq' };
  const answers = [await ask(gateway, question), await ask(gateway, question)];
  assert.deepEqual(
    answers.map(({ status, headers }) => [status, headers.get('x-modelgate-cache')]),
    [
      [200, 'miss'],
      [200, 'hit'],
    ],
  );
});

test('explain shows its rules and where they come from, also of a policy that only watches', async (t) => {
  const cwd = await temporaryFolder(t);
  const [command] = blocks(page('docs/cache.md'), 'sh');
  const explained = async (resources: string): Promise<string> => {
    await mkdir(join(cwd, 'gateway'), { recursive: true });
    await writeFile(join(cwd, 'gateway/faq.yaml'), resources);
    return (await modelgate(command!.trim().split(' ').slice(2), { cwd })).stdout;
  };
  const enforced = await explained(yaml!);
  assert.match(enforced, /cache\.ttl +1h +platform\/faq\n/);
  assert.match(enforced, /cache\.scope +Alias +platform\/faq\n/);
  const watching = await explained(yaml!.replace('  cache:', '  mode: Monitor\n  cache:'));
  assert.match(watching, /cache\.ttl +1h +platform\/faq \(Monitor\)\n/);
});

test('diff tells what changes', async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'old.yaml'), yaml!);
  await writeFile(join(cwd, 'new.yaml'), yaml!.replace('ttl: 1h, scope: Alias', 'ttl: 5m'));
  const { stdout } = await modelgate(['diff', '-f', 'old.yaml', '--against', 'new.yaml'], { cwd });
  assert.match(stdout, /cache\.ttl of TrafficPolicy platform\/faq: 1h → 5m/);
  assert.match(stdout, /cache\.scope of TrafficPolicy platform\/faq: Alias → Caller/);
});
