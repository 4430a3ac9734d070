import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { CALLER_KEY, PROVIDER_KEY, sha256, testConfig } from './config.ts';
import { startGateway } from './start.ts';

let up: Upstream;
before(async () => {
  up = await startUpstream();
});
after(() => up.stop());

const resources = (baseURL: string): string => `
apiVersion: v1
kind: Secret
metadata: {name: up, namespace: team}
stringData: {apiKey: ${PROVIDER_KEY}}
---
apiVersion: modelgate.dev/v1alpha1
kind: ProviderCredential
metadata: {name: up, namespace: team}
spec: {provider: OpenAICompatible, baseURL: "${baseURL}", auth: {apiKey: {secretRef: {name: up, key: apiKey}}}}
---
apiVersion: modelgate.dev/v1alpha1
kind: ModelAlias
metadata: {name: chat, namespace: team}
spec: {targets: [{credentialRef: {name: up}, model: gpt-5-mini}]}
---
apiVersion: modelgate.dev/v1alpha1
kind: CallerKey
metadata: {name: app, namespace: team}
spec: {sha256: ${sha256(CALLER_KEY)}, aliases: [chat]}
`;

const ask = (url: string): Promise<Response> =>
  fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${CALLER_KEY}` },
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'Hi' }] }),
  });

test('a request goes through: from resources in YAML as from a compiled configuration', async () => {
  for (const from of [resources(up.url), testConfig({ upstream: up.url })]) {
    const n = up.requests.length;
    const gateway = await startGateway(from);
    const answer = await ask(gateway.url);
    assert.equal(answer.status, 200);
    assert.partialDeepStrictEqual(await answer.json(), { model: 'gpt-5-mini' });
    const { headers, json } = up.requests[n]!;
    assert.equal(headers.authorization, `Bearer ${PROVIDER_KEY}`);
    assert.equal(json()['model'], 'gpt-5-mini');
    await gateway.stop();
    assert.equal(gateway.logs().length, 1);
    assert.partialDeepStrictEqual(JSON.parse(gateway.logs()[0]!), { status: 200, key: 'team/app' });
  }
});

test('resources that are not in order are refused with their reason', async () => {
  await assert.rejects(
    startGateway(resources(up.url).replace('name: up, key', 'name: gone, key')),
    /SecretNotFound/,
  );
});
