import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Platform, type Process } from './platform.ts';

let platform: Platform;
before(async () => {
  platform = await Platform.start();
  await platform.startProxy('proxy-1');
  await platform.apply('{apiVersion: v1, kind: Namespace, metadata: {name: team}}');
  const addresses = { local: platform.upstream.url, metadata: 'http://2852039166/latest/v1' };
  for (const [name, baseURL] of Object.entries(addresses))
    await platform.apply(
      JSON.stringify({
        apiVersion: 'modelgate.dev/v1alpha1',
        kind: 'ProviderCredential',
        metadata: { name, namespace: 'team' },
        spec: { provider: 'OpenAICompatible', baseURL },
      }),
    );
});
after(() => platform.stop());

async function accepted(name: string, status: 'True' | 'False'): Promise<string> {
  const object = [`pcred/${name}`, '-n', 'team'];
  await platform.kubectl('wait', `--for=condition=Accepted=${status}`, ...object, '--timeout=60s');
  const path = `jsonpath={range .status.conditions[?(@.type=="Accepted")]}{.reason}: {.message}{end}`;
  return platform.kubectl('get', ...object, '-o', path);
}

async function stopped(operator: Process): Promise<void> {
  operator.kill('SIGTERM');
  await operator.exit;
}

test('an operator that was told nothing lets nobody near private addresses', async () => {
  const operator = await platform.startOperator('strict', ['--allow-private-upstreams', 'false']);
  assert.match(
    await accepted('local', 'False'),
    /^AddressDenied: spec\.baseURL: 127\.0\.0\.1 is an address of the/,
  );
  assert.match(
    await accepted('metadata', 'False'),
    /^AddressDenied: spec\.baseURL: 169\.254\.169\.254 is a link-/,
  );
  await stopped(operator);
});

test('one that allows them keeps metadata services and denied ranges closed', async () => {
  const operator = await platform.startOperator('open');
  assert.match(await accepted('local', 'True'), /^Accepted/);
  assert.match(await accepted('metadata', 'False'), /^AddressDenied/);
  await stopped(operator);
  await platform.startOperator('narrow', ['--denied-cidrs', '127.0.0.0/8,::1/128']);
  assert.match(await accepted('local', 'False'), /127\.0\.0\.0\/8, which --denied-cidrs excludes/);
});
