import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Config } from '../../core/config/config.ts';
import { ask, config, metric, startProxyWith, statusOf, type ProxyProcess } from '../e2e/proxy-lab.ts';
import { inFlight } from '../edge/in-flight.ts';
import { until } from '../edge/until.ts';
import { CALLER_KEY } from '../gateway/config.ts';
import { modelgate, temporaryFolder } from './command.ts';

const PORTS = ['--host', '127.0.0.1', '--port', '0', '--admin-port', '0'];

const serves = (one: ProxyProcess, revision: string): Promise<void> =>
  until(async () => (await statusOf(one)).revision === revision);

/** Puts it there whole. */
function put(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

async function fromFile(context: TestContext, first?: Config): Promise<{ file: string; one: ProxyProcess }> {
  const file = join(await temporaryFolder(context), 'config.json');
  if (first) put(file, JSON.stringify(first));
  return { file, one: await startProxyWith(context, ['--config-file', file, ...PORTS]) };
}

test('a compiled configuration in a file is served, and every change to it', async (context) => {
  const [first, second] = [config('one'), config('two')];
  const { file, one } = await fromFile(context, first);
  await serves(one, first.revision);
  assert.deepEqual(await ask(one), { status: 200, revision: first.revision });
  put(file, JSON.stringify(second));
  await serves(one, second.revision);
  assert.equal((await statusOf(one)).source, `file ${file}`);
});

test('a file that is not there or not right is refused with the reason, and the last one goes on', async (context) => {
  const good = config('good');
  const { file, one } = await fromFile(context);
  await until(async () => (await statusOf(one)).sourceState.includes('ENOENT'));
  const ready = await fetch(`${one.adminUrl}/readyz`);
  assert.equal(ready.status, 503);
  assert.match(await ready.text(), /^not ready: no configuration yet; the file cannot be used: ENOENT/);
  put(file, JSON.stringify(good));
  await serves(one, good.revision);
  for (const [text, reason] of [
    ['{', /it is not JSON/],
    [JSON.stringify({ ...good, version: 2 }), /version/],
    [JSON.stringify({ ...good, credentials: { 'a/b': { provider: 'Mock', keys: CALLER_KEY } } }), /keys/],
  ] as const) {
    put(file, text);
    await until(async () => reason.test((await statusOf(one)).sourceState));
    assert.deepEqual(await ask(one), { status: 200, revision: good.revision });
  }
  assert.ok((await metric(one, 'modelgate_config_loads_total{result="refused"}')) >= 4);
  assert.doesNotMatch(one.logged.all.join('\n'), new RegExp(CALLER_KEY));
});

test('SIGTERM ends it with 0', async (context) => {
  const first = config('one');
  const { one } = await fromFile(context, first);
  await serves(one, first.revision);
  one.kill('SIGTERM');
  assert.equal(await one.exit, 0);
});

test('requests under way hold up the first SIGTERM, and not the second', async (context) => {
  const { one } = await fromFile(context, config('slow', { model: 'delay-30s' }));
  await until(async () => (await statusOf(one)).ready);
  const answer = ask(one).catch(() => undefined);
  await until(async () => (await inFlight(one.adminUrl)) === 1);
  one.kill('SIGTERM');
  await one.logged.find(/"stopping"/);
  one.kill('SIGTERM');
  assert.equal(await one.exit, 1);
  await answer;
});

const MISTAKES: [string[], RegExp][] = [
  [[], /^this is no pod: say where the API server is with --api-server, or use --config-file$/m],
  [['--port', 'http'], /^--port: has to be a number$/m],
  [['--admin-port', '65536'], /^--admin-port: has to be 0 to 65535/m],
  [['--port', '9000', '--admin-port', '9000'], /^--port and --admin-port have to differ$/m],
  [['--drain-timeout', 'long'], /^--drain-timeout: has to be a duration such as 300s or 5m$/m],
  [['--log-level', 'loud'], /^--log-level: /m],
  [['--api-server', 'kubernetes:443'], /^--api-server: has to be a URL/m],
  [['--api-server', 'https://kubernetes'], /^say where the operator publishes with --namespace$/m],
  [['--pod-name', '../x'], /^--pod-name: has to be a name as Kubernetes gives them$/m],
];

for (const [args, message] of MISTAKES) {
  test(`proxy ${args.join(' ')}: 2, and what is wrong with it`, async () => {
    const { code, stderr } = await modelgate(['proxy', ...args]);
    assert.equal(code, 2);
    assert.match(stderr, message);
  });
}

test('the environment says what the flags do not; an empty variable says nothing', async () => {
  const env = { MODELGATE_DRAIN_TIMEOUT: 'long', MODELGATE_PORT: '' };
  const { code, stderr } = await modelgate(['proxy'], { env });
  assert.equal(code, 2);
  assert.equal(stderr, '--drain-timeout: has to be a duration such as 300s or 5m\n');
});
