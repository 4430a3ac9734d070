import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { modelgate, temporaryFolder } from '../cli/command.ts';
import { serving } from '../cli/serving.ts';

const RESOURCES = ['http://127.0.0.1:9/v1', 'http://10.0.0.1/v1', 'http://169.254.169.254/v1'].map(
  (baseURL, i) => `
apiVersion: modelgate.dev/v1alpha1
kind: ProviderCredential
metadata: {name: up-${i}, namespace: team}
spec: {provider: OpenAICompatible, baseURL: '${baseURL}'}
`,
);

async function warnings(t: Parameters<typeof serving>[0], args: readonly string[]): Promise<string[]> {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'up.yaml'), RESOURCES.join('---'));
  const { said } = await serving(t, ['--config', 'up.yaml', ...args], { cwd });
  return said.all.flatMap((line) => /^warning:.*ProviderCredential\/team\/(up-\d)/.exec(line)?.[1] ?? []);
}

test('serve lets in servers of this machine and of private networks, and no metadata service', async (t) => {
  assert.deepEqual(await warnings(t, []), ['up-2']);
});

test('--allow-private-upstreams false shuts them out', async (t) => {
  assert.deepEqual(await warnings(t, ['--allow-private-upstreams', 'false']), ['up-0', 'up-1', 'up-2']);
});

test('--denied-cidrs shuts out ranges, several of them in either way of writing', async (t) => {
  assert.deepEqual(await warnings(t, ['--denied-cidrs', '10.0.0.0/8,fd00::/8']), ['up-1', 'up-2']);
  assert.deepEqual(await warnings(t, ['--denied-cidrs', 'fd00::/8', '127.0.0.0/8']), ['up-0', 'up-2']);
});

test('what is no range, and what is neither true nor false, is a mistake of the command line', async () => {
  for (const args of [
    ['--denied-cidrs', '10.0.0.0'],
    ['--allow-private-upstreams', 'perhaps'],
  ]) {
    const { code, stderr } = await modelgate(['serve', ...args]);
    assert.equal(code, 2);
    assert.match(stderr, /It has to be true or false|Write ranges like/);
  }
});
