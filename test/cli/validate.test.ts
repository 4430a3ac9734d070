import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { modelgate, temporaryFolder } from './command.ts';
import { alias, caller, generated, MOCK, yaml } from './manifests.ts';

const BROKEN = `${yaml(MOCK, alias('chat'))}      modle: x
---
apiVersion: modelgate.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: shop}
spec:
  budgets: [{name: b, usd: "3", per: Day}]
`;

const BROKEN_LINES = [
  'a.yaml:14: ModelAlias/default/chat: spec.targets[0].modle: unknown field "modle", did you mean "model"?',
  'a.yaml:20: TrafficPolicy/default/shop: spec.budgets: is not supported yet: remove it, or wait for a version that has it',
];

test('good files: one line, exit 0; a key that is yet to be generated is no problem', async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'a.yaml'), yaml(MOCK, alias('chat'), generated()));
  await writeFile(join(cwd, 'b.json'), '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}}');
  const { code, stdout } = await modelgate(['validate', '-f', '.'], { cwd });
  assert.deepEqual([code, stdout], [0, 'ok: 3 resources (1 object of other kinds skipped)\n']);
});

test('bad files: one line a problem with file, line, resource and field; a summary; exit 1', async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'a.yaml'), BROKEN);
  const { code, stdout } = await modelgate(['validate', '-f', 'a.yaml'], { cwd });
  assert.equal(code, 1);
  assert.deepEqual(stdout.trimEnd().split('\n'), [...BROKEN_LINES, '3 resources, 2 problems']);
});

test('--json, from standard input', async () => {
  const { code, stdout } = await modelgate(['validate', '-f', '-', '--json'], { stdin: BROKEN });
  assert.equal(code, 1);
  const { ok, resources, problems } = JSON.parse(stdout);
  assert.deepEqual([ok, resources, problems.length], [false, 3, 2]);
  assert.deepEqual(problems[0], {
    file: 'stdin',
    line: 14,
    column: 7,
    resource: 'ModelAlias/default/chat',
    field: 'spec.targets[0].modle',
    message: 'unknown field "modle", did you mean "model"?',
  });
  assert.equal(problems[1].reason, 'NotSupportedYet');
});

test('--assume-secrets: Secrets that live elsewhere are no problem', async () => {
  const stdin = `
apiVersion: modelgate.dev/v1alpha1
kind: ProviderCredential
metadata: {name: openai}
spec: {provider: OpenAI, auth: {apiKey: {secretRef: {name: openai, key: apiKey}}}}
---
apiVersion: modelgate.dev/v1alpha1
kind: CallerKey
metadata: {name: shop}
spec: {secretRef: {name: shop, key: apiKey}}
`;
  const without = await modelgate(['validate', '-f', '-'], { stdin });
  assert.equal(without.code, 1);
  assert.match(without.stdout, /there is no Secret "openai"/);
  const { code, stdout } = await modelgate(['validate', '-f', '-', '--assume-secrets'], { stdin });
  assert.deepEqual([code, stdout], [0, 'ok: 2 resources\n']);
});

test('nothing of a Secret is shown, whatever is wrong with it', async () => {
  const stdin = `
apiVersion: v1
kind: Secret
metadata: {name: short}
stringData: {apiKey: hunter2, other: [hunter2]}
data: {x: 'hunter2 is no base64'}
typo: hunter2
---
${caller('two').replace(/sha256: .*/, 'secretRef: {name: short, key: apiKey}')}`;
  const { code, stdout, stderr } = await modelgate(['validate', '-f', '-'], { stdin });
  assert.equal(code, 1);
  assert.match(stdout, /Secret\/default\/short/);
  assert.ok(!`${stdout}${stderr}`.includes('hunter2'));
});
