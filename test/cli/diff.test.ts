import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { modelgate, temporaryFolder } from './command.ts';
import { alias, caller, MOCK, yaml } from './manifests.ts';

async function diff(t: TestContext, [before, after]: [string, string], ...flags: string[]) {
  const cwd = await temporaryFolder(t);
  await Promise.all([writeFile(join(cwd, 'old.yaml'), before), writeFile(join(cwd, 'new.yaml'), after)]);
  return modelgate(['diff', '-f', 'old.yaml', '--against', 'new.yaml', ...flags], { cwd });
}

const WORLD = yaml(MOCK, alias('chat'), caller());

test('nothing changes', async (t) => {
  const { code, stdout } = await diff(t, [WORLD, `# a comment\n${WORLD}`], '--exit-code');
  assert.deepEqual([code, stdout], [0, 'nothing changes for callers\n']);
});

test('a removed alias breaks: exit 1 with --exit-code, else 0', async (t) => {
  const after = yaml(MOCK, alias('talk'), caller());
  const { code, stdout } = await diff(t, [WORLD, after], '--exit-code');
  assert.equal(code, 1);
  assert.match(stdout, /^! ModelAlias default\/chat \("chat"\) is removed$/m);
  assert.match(stdout, /^! CallerKey default\/app: may no longer call chat$/m);
  assert.match(stdout, /^ {2}CallerKey default\/app: may now call talk$/m);
  assert.equal((await diff(t, [WORLD, after])).code, 0);
});

test('another model is no break', async (t) => {
  const { code, stdout } = await diff(t, [WORLD, WORLD.replace('echo', 'lorem')], '--exit-code');
  assert.equal(code, 0);
  assert.match(stdout, /is rerouted\n\s+- echo at default\/mock.*\n\s+\+ lorem at default\/mock/);
});

test('--json; Secrets that live elsewhere are taken to exist', async (t) => {
  const credential = WORLD.replace(
    'spec: {provider: Mock}',
    'spec: {provider: OpenAI, auth: {apiKey: {secretRef: {name: openai, key: k}}}}',
  );
  const { stdout, stderr } = await diff(t, [credential, credential.replace('echo', 'gpt-5')], '--json');
  const { breaking, changes } = JSON.parse(stdout);
  assert.deepEqual([breaking, changes.map(({ kind }: { kind: string }) => kind)], [false, ['AliasRerouted']]);
  assert.equal(stderr, '');
});

test('another provider key is said without it', async (t) => {
  const files = (key: string) =>
    yaml(
      WORLD.replace('{provider: Mock}', '{provider: OpenAI, auth: {apiKey: {secretRef: {name: s, key: k}}}}'),
      `\n{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {k: ${key}}}\n`,
    );
  const { stdout } = await diff(t, [files('sk-old-key'), files('sk-new-key')]);
  assert.match(stdout, /^ {2}key of ProviderCredential default\/mock changed$/m);
  assert.ok(!stdout.includes('sk-'));
});

test('files that cannot be read make no comparison: exit 1', async (t) => {
  const { code, stderr } = await diff(t, [WORLD, 'a: [1']);
  assert.equal(code, 1);
  assert.match(stderr, /^new\.yaml:\d+: /);
});
