import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startProxyWith } from '../e2e/proxy-lab.ts';
import { until } from '../edge/until.ts';
import { CALLER_KEY, testConfig } from '../gateway/config.ts';
import { faulty, heldAfter } from '../upstream/faults.ts';
import { like } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { temporaryFolder } from './command.ts';
import { serving } from './serving.ts';

let up: Upstream;
before(async () => {
  up = await startUpstream();
});
after(() => up.stop());

/** Preloaded into the process: signals stand for defects that nobody catches. */
const DEFECTS = `
process.on('SIGUSR2', () => { throw new Error('thrown in a callback'); });
process.on('SIGHUP', () => { Promise.reject(new Error('rejected and not awaited')); });`;
const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(DEFECTS)}` };

for (const [signal, message] of [
  ['SIGUSR2', 'thrown in a callback'],
  ['SIGHUP', 'rejected and not awaited'],
] as const) {
  test(`serve: an error that was ${message} ends the process with 1, and is in the log`, async (context) => {
    const folder = await temporaryFolder(context);
    const gateway = await serving(context, ['--state-dir', folder], { env, cwd: folder });
    gateway.kill(signal);
    assert.equal(await gateway.exit, 1);
    const line = await gateway.logged.find(/"crashed; stopping"/);
    assert.partialDeepStrictEqual(JSON.parse(line), { level: 60, err: { message } });
  });
}

test('proxy: a stream under way may end, nobody new is sent to it, and a second defect changes nothing', async (context) => {
  const file = join(await temporaryFolder(context), 'config.json');
  writeFileSync(file, JSON.stringify(testConfig({ upstream: up.url })));
  const ports = ['--host', '127.0.0.1', '--port', '0', '--admin-port', '0'];
  const proxy = await startProxyWith(context, ['--config-file', file, ...ports], env);
  const ready = async (): Promise<number> => (await fetch(`${proxy.adminUrl}/readyz`)).status;
  await until(async () => (await ready()) === 200);
  const gate = Promise.withResolvers<void>();
  up.replyOnce(faulty(like('lorem'), heldAfter(3, gate.promise)));
  const answer = await fetch(`${proxy.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${CALLER_KEY}` },
    body: JSON.stringify({ model: 'chat', stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  proxy.kill('SIGUSR2');
  await until(async () => (await ready()) === 503);
  proxy.kill('SIGHUP');
  await proxy.logged.find(/rejected and not awaited/);
  gate.resolve();
  assert.match(await answer.text(), /data: \[DONE\]\n\n$/);
  assert.equal(await proxy.exit, 1);
});
