import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { blocks, page, section } from '../docs/markdown.ts';
import { Terminal } from '../docs/terminal.ts';
import { eventually } from './eventually.ts';
import { Platform, type Proxy } from './platform.ts';

// Where a page goes through a tunnel into the cluster, a proxy is at hand as a process.

let platform: Platform;
let terminal: Terminal;
let proxy: Proxy;
before(async () => {
  platform = await Platform.start();
  terminal = await Terminal.open(platform.cluster);
  proxy = await platform.startProxy('proxy-1');
  await platform.startOperator('operator-1');
  // Tunnels lead to these.
  for (const name of ['modelgate-proxy', 'modelgate-proxy-admin'])
    await platform.kubectl('create', 'service', 'clusterip', name, '-n', 'modelgate', '--tcp=80');
});
after(() => platform.stop());

const throughTunnel = (script: string): string =>
  script
    .replaceAll('http://127.0.0.1:8080', proxy.url.replace(/\/v1$/, ''))
    .replaceAll('http://127.0.0.1:9090', `http://127.0.0.1:${proxy.adminPort}`);

const firstAlias = page('docs/first-alias.md');

test('first-alias.md', async () => {
  const [resources, deployment, policy] = blocks(firstAlias, 'yaml');
  terminal.write('chat.yaml', resources!);
  const printed: string[] = [];
  const OPENAI_API_KEY = 'sk-an-example-key';
  for (const block of blocks(firstAlias, 'sh'))
    printed.push(await terminal.type(throughTunnel(block), { OPENAI_API_KEY }));
  const [, , answer] = printed;
  assert.partialDeepStrictEqual(JSON.parse(answer!), { choices: [{ message: { content: 'Hello' } }] });
  for (const yaml of [deployment!, policy!]) await platform.apply(yaml);
  await platform.kubectl('wait', '--for=condition=Ready', 'tpol/fair-use', '-n', 'platform', '--timeout=60s');
});

test('rotate-keys.md, after it', async () => {
  const rotating = page('docs/rotate-keys.md');
  const [schedule] = blocks(rotating, 'yaml');
  await platform.apply(schedule!);
  const read = (): Promise<string> =>
    terminal.type(
      "kubectl get secret -n shop checkout-modelgate --ignore-not-found -o jsonpath='{.data.MODELGATE_API_KEY}'",
    );
  const [show, rotate, leaked] = blocks(rotating, 'sh');
  const shown = await eventually(
    () => terminal.type(show!),
    (text) => /^mg-.{5} 20.*Z 20.*Z\n$/.test(text),
  );
  let key = await read();
  assert.ok(Buffer.from(key, 'base64').toString().startsWith(shown.slice(0, 8)));
  for (const command of [rotate!, rotate!, leaked!]) {
    await terminal.type(command);
    key = await eventually(read, (now) => now !== '' && now !== key);
  }
});

test('serviceaccount-callers.md, after it', async () => {
  const callers = page('docs/serviceaccount-callers.md');
  for (const yaml of blocks(callers, 'yaml')) await platform.apply(yaml);
  const [command] = blocks(callers, 'sh');
  // What is behind the name by now answers in the same form.
  assert.match(await terminal.type(throughTunnel(command!)), /"object":"chat.completion"|upstream_/);
});

test('troubleshooting.md', async () => {
  const printed: string[] = [];
  for (const block of blocks(page('docs/troubleshooting.md'), 'sh'))
    printed.push(await terminal.type(throughTunnel(block)));
  const text = printed.join('\n');
  assert.match(text, /Programmed=True Programmed: every ready proxy/);
  assert.match(text, /"revision":"[0-9a-f]{16}"/);
  assert.match(text, /modelgate-proxy-proxy-1 +[0-9a-f]{16} +20\d\d-/);
  assert.match(text, /operator-1/);
});

test('tenancy.md', async () => {
  const tenancy = page('docs/tenancy.md');
  const [role, shared] = blocks(tenancy, 'yaml');
  await platform.apply(role!);
  const [canI] = blocks(section(tenancy, '## Who does what'), 'sh');
  assert.equal((await terminal.type(canI!)).trim(), 'yes');
  const asTenant = canI!.trim().replace('callerkeys', 'providercredentials');
  await assert.rejects(terminal.type(asTenant), /\nno\n/);

  await platform.apply(shared!);
  const key = ['ckey/checkout', '-n', 'shop'];
  await platform.kubectl('wait', '--for=condition=Ready', ...key, '--timeout=60s');
  await platform.kubectl('label', 'namespace', 'shop', 'modelgate-');
  await platform.kubectl('wait', '--for=condition=ResolvedRefs=False', ...key, '--timeout=60s');
});
