import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { modelgate, temporaryFolder } from './command.ts';
import { ask, serving } from './serving.ts';

const shell = promisify(execFile);

const KEY_FILE = '.modelgate/keys/default/local';

test('without anything: a key that is shown once, and a command to copy that works', async (t) => {
  const cwd = await temporaryFolder(t);
  const first = await serving(t, [], { cwd });
  const key = (await readFile(join(cwd, KEY_FILE), 'utf8')).trim();
  assert.equal((await stat(join(cwd, KEY_FILE))).mode & 0o777, 0o600);
  assert.match(await first.said.find(/^ {2}Key/), new RegExp(`${key} .*${KEY_FILE}`));

  const curl = (await first.said.find(/^ {4}curl /)).trim();
  assert.ok(!curl.includes(key));
  const { stdout } = await shell('sh', ['-c', curl], { cwd });
  assert.equal(JSON.parse(stdout).choices[0].message.content, 'Hello');
  first.kill('SIGTERM');
  assert.equal(await first.exit, 0);

  const second = await serving(t, [], { cwd });
  assert.match(await second.said.find(/^ {2}Key/), new RegExp(`in ${KEY_FILE}`));
  assert.equal(await ask(second, key, 'mock/echo'), 200);
  assert.ok(![...second.said.all, ...second.logged.all].join('\n').includes(key));
});

test('what the mock models are for: failover, a limit, errors', async (t) => {
  const cwd = await temporaryFolder(t);
  const gateway = await serving(t, [], { cwd });
  const key = (await readFile(join(cwd, KEY_FILE), 'utf8')).trim();
  assert.equal(await ask(gateway, key, 'mock/failover'), 200);
  assert.equal(await ask(gateway, key, 'mock/error-429'), 429);
  assert.equal(await ask(gateway, key, 'mock/error-500'), 502);
  const statuses = [];
  // Four requests cannot be in four minutes; eight are more than two windows let through.
  for (let i = 0; i < 8; i++) statuses.push(await ask(gateway, key, 'mock/limited'));
  assert.deepEqual([statuses[0], statuses.at(-1)], [200, 429]);
});

test('accounts of the environment are served, others named, keys never shown', async (t) => {
  const cwd = await temporaryFolder(t);
  const env = { OPENAI_API_KEY: 'sk-from-environment', AWS_ACCESS_KEY_ID: 'AKIASECRET' };
  const gateway = await serving(t, [], { cwd, env });
  await gateway.said.find(/found an account at OpenAI: openai\/\* leads to it/);
  await gateway.said.find(/found AWS_ACCESS_KEY_ID: this version cannot serve it yet/);
  const status = await (await fetch(`${gateway.adminUrl}/status`)).text();
  assert.match(status, /"source":"embedded default"/);
  for (const secret of Object.values(env)) {
    assert.ok(![...gateway.said.all, ...gateway.logged.all, status].join('\n').includes(secret));
  }
});

test('it does not listen beyond this machine with a key that it made', async (t) => {
  const cwd = await temporaryFolder(t);
  const { code, stderr } = await modelgate(
    ['serve', '--host', '0.0.0.0', '--port', '0', '--admin-port', '0'],
    {
      cwd,
    },
  );
  assert.equal(code, 1);
  assert.match(
    stderr,
    /CallerKey\/default\/local: .*0\.0\.0\.0 is reachable from others: use secretRef or sha256/,
  );
});

test('a port that is in use: which one, and which flag', async (t) => {
  const cwd = await temporaryFolder(t);
  const holder = createServer().listen(0, '127.0.0.1');
  t.after(() => holder.close());
  await new Promise((resolve) => holder.once('listening', resolve));
  const taken = String((holder.address() as AddressInfo).port);
  for (const [flag, other] of [
    ['--port', '--admin-port'],
    ['--admin-port', '--port'],
  ] as const) {
    const { code, stderr } = await modelgate(['serve', flag, taken, other, '0'], { cwd });
    assert.equal(code, 1);
    assert.equal(
      stderr,
      `port ${taken} is in use: stop what listens there, or choose another with ${flag}\n`,
    );
  }
});
