import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelgate } from './command.ts';
import { alias, caller, CALLER_KEY_SHA256, MOCK, yaml } from './manifests.ts';

const FILES = yaml(
  MOCK,
  alias('chat'),
  `
apiVersion: modelgate.dev/v1alpha1
kind: ModelAlias
metadata: {name: tiers}
spec:
  targets:
    - {credentialRef: {name: mock}, model: lorem, weight: 3, when: {headers: {X-Tier: gold}}}
    - {credentialRef: {name: mock}, model: echo}
    - {credentialRef: {name: mock}, model: tools, priority: 1}
`,
  caller(),
  `
apiVersion: modelgate.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: house}
spec:
  timeouts: {connect: 2s}
  limits: [{name: rpm, requests: 600, per: Minute}]
`,
);

const explain = (...args: string[]) => modelgate(['explain', '-f', '-', ...args], { stdin: FILES });

test('an allowed request: exit 0, and everything that decides it', async () => {
  const { code, stdout } = await explain('--key', 'app', '--model', 'tiers', '--header', 'X-Tier=gold');
  assert.equal(code, 0);
  assert.match(stdout, /^CallerKey default\/app may call "tiers"\./);
  assert.match(stdout, /75 %: lorem at default\/mock \(Mock\)\n\s+met: header x-tier must be "gold"/);
  assert.match(stdout, /25 %: echo/);
  assert.match(stdout, /priority 1, when no target before is healthy\n\s+100 %: tools/);
  assert.match(stdout, /rpm: 600 requests per Minute for each Caller = default\/app \(from default\/house\)/);
  assert.match(stdout, /timeouts\.connect\s+2s\s+default\/house/);
  assert.match(stdout, /timeouts\.idle\s+5m\s+default/);
});

test('a refused request: exit 1, the code that the proxy answers, the nearest name', async () => {
  const unknownModel = await explain('--key', 'default/app', '--model', 'caht');
  assert.equal(unknownModel.code, 1);
  assert.match(unknownModel.stdout, /refused: 404 model_not_found\n.*did you mean "chat"\?/);
  const unknownKey = await explain('--key', 'ap', '--model', 'chat');
  assert.equal(unknownKey.code, 1);
  assert.match(unknownKey.stdout, /refused: 401 invalid_api_key\n.*did you mean "app"\?/);
});

test('--json is the decision as an object, without a hash of a key', async () => {
  const { code, stdout } = await explain('--key', 'app', '--model', 'chat', '--json');
  assert.equal(code, 0);
  const { outcome, caller: who, tiers } = JSON.parse(stdout);
  assert.deepEqual([outcome, who.id, tiers.length], [{ allowed: true }, 'default/app', 1]);
  assert.ok(!stdout.includes(CALLER_KEY_SHA256));
});
