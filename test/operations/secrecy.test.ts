import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Config, Credential } from '../../core/config/config.ts';
import { sha256, testConfig } from '../gateway/config.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { cutAfter, faulty } from '../upstream/faults.ts';
import { like, tellCredential, type Script } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { until } from '../edge/until.ts';

/** Everything that nobody may ever see, each to be found on its own. */
const CANARY = {
  providerKey: 'sk-canary/1+providerkey/first==',
  secondProviderKey: 'sk-canary-2-providerkey-second',
  azureKey: 'canary-3-azure-api-key',
  header: 'canary-4-value-of-a-header',
  headerWord: 'canary-5-word-of-a-header',
  userinfo: 'canary-6-userinfo',
  query: 'canary-7-query',
  callerKey: 'mg-canary-8-caller-key-that-works',
  disabledKey: 'mg-canary-9-caller-key-disabled',
  expiredKey: 'mg-canary-10-caller-key-expired',
  unknownKey: 'mg-canary-11-caller-key-unknown',
} as const;

let up: Upstream;
let gateway: TestGateway;
/** Everything that any caller or operator got to see. */
let seen = '';

before(async () => {
  up = await startUpstream();
  gateway = await startGateway(secretive(up), { logLevel: 'trace', heartbeatEvery: 50 });
});
after(async () => {
  await gateway.stop();
  await up.stop();
});

function secretive({ url, origin }: Upstream): Config {
  const userinfo = (address: string): string => address.replace('//', `//user:${CANARY.userinfo}@`);
  const credentials: Record<string, Credential> = {
    'team/up': {
      provider: 'OpenAICompatible',
      baseURL: `${userinfo(url)}?key=${CANARY.query}`,
      keys: [CANARY.providerKey, CANARY.secondProviderKey],
      headers: { 'x-secret': CANARY.header, 'x-auth': `Basic ${CANARY.headerWord}` },
    },
    'team/azure': { provider: 'AzureOpenAI', baseURL: origin, keys: [CANARY.azureKey] },
    'team/gone': {
      provider: 'OpenAICompatible',
      baseURL: userinfo('http://127.0.0.1:1/v1'),
      keys: [CANARY.providerKey],
    },
    'team/nowhere': {
      provider: 'OpenAICompatible',
      baseURL: userinfo('https://nowhere.invalid/v1'),
      keys: [CANARY.providerKey],
    },
  };
  // The providers are on this machine.
  for (const credential of Object.values(credentials))
    credential.egress = { allowPrivate: true, deniedCIDRs: [] };
  const names = Object.keys(credentials).map((id) => id.slice('team/'.length));
  return testConfig({
    upstream: url,
    change: (content) => ({
      ...content,
      credentials,
      aliases: Object.fromEntries(
        names.map((name) => {
          const target = { credential: `team/${name}`, model: 'm', weight: 1, priority: 0 };
          return [`team/${name}`, { ...content.aliases['team/chat']!, name, targets: [target] }];
        }),
      ),
      access: { own: names.map((match) => ({ match, alias: `team/${match}` })), all: [] },
      callers: {
        'team/app': caller('app', CANARY.callerKey),
        'team/off': { ...caller('off', CANARY.disabledKey), disabled: true },
        'team/old': { ...caller('old', CANARY.expiredKey), expiresAt: 1 },
      },
    }),
  });
}

function caller(name: string, key: string): Config['callers'][string] {
  return { namespace: 'team', name, keys: [{ sha256: sha256(key) }], access: 'own' };
}

async function see(answer: Promise<Response>): Promise<number> {
  const response = await answer;
  seen += JSON.stringify([...response.headers]);
  // A stream that breaks is as good as any other.
  for await (const chunk of response.body ?? []) seen += Buffer.from(chunk).toString('latin1');
  return response.status;
}

const ask = (model: string, stream = false, key: string = CANARY.callerKey): Promise<number> =>
  see(
    fetch(`${gateway.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, 'x-api-key': key },
      body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hi' }] }),
    }),
  );

/** Everything that the request carried, as careless providers repeat it. */
function repeated(secrets: string): Record<string, string> {
  const encoded = Buffer.from(secrets).toString('base64');
  return {
    plain: secrets,
    encoded: encodeURIComponent(secrets),
    escaped: secrets.replaceAll('/', '\\/'),
    base64: encoded,
  };
}

/** Each secret of a request. */
function secretsOf(request: Parameters<Script>[0]): string[] {
  const words = request.rawHeaders.flatMap((value) => [value, ...value.split(' ')]);
  return words.filter((word) => word.includes('canary'));
}

const telling =
  (status: number, contentType: string, render: (told: object) => string): Script =>
  (request) => ({
    status,
    headers: { 'content-type': contentType },
    steps: [{ write: render(secretsOf(request).map(repeated)) }],
  });

const inJson = (told: object): string => JSON.stringify({ error: { message: 'Wrong key', told } });
const inStream = (event: string) => (told: object) =>
  `data: {"choices":[{"delta":{"content":"a"}}]}\n\n${event}data: ${JSON.stringify({ error: { told } })}\n\n`;

const SCRIPTS: Script[] = [
  like('echo'),
  tellCredential,
  ...[400, 401, 403, 404, 408, 409, 422, 429, 500, 503].map((s) => telling(s, 'application/json', inJson)),
  telling(400, 'text/html', (told) => `<h1>${JSON.stringify(told)}</h1>`),
  telling(200, 'application/json', inJson),
  telling(200, 'text/event-stream', inStream('')),
  telling(200, 'text/event-stream', inStream('event: error\n')),
  telling(200, 'text/event-stream', (told) => `event: error\ndata: ${JSON.stringify({ told })}\n\n`),
  telling(302, 'text/plain', JSON.stringify),
  faulty(like('lorem'), cutAfter(500)),
];

/** `secret` itself, and as it would look in a URL, in JSON or in a Basic header. */
function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  return [secret, encodeURIComponent(secret), secret.replaceAll('/', '\\/'), base64];
}

test('no secret is seen anywhere, whatever goes wrong', async () => {
  for (const script of SCRIPTS) {
    for (const model of ['up', 'azure']) {
      up.reply(script);
      await ask(model);
      await ask(model, true);
    }
  }
  for (const model of ['gone', 'nowhere', 'none']) assert.ok((await ask(model)) >= 400);
  for (const key of [CANARY.disabledKey, CANARY.expiredKey, CANARY.unknownKey]) {
    assert.equal(await ask('up', false, key), 401);
  }
  await see(fetch(`${gateway.url}/models`, { headers: { 'x-goog-api-key': CANARY.callerKey } }));
  await see(fetch(`${gateway.url}/unknown?key=${CANARY.unknownKey}`));
  for (const path of ['metrics', 'status', 'livez', 'unknown', 'explain?key=team/app&model=up']) {
    await see(fetch(`${gateway.adminUrl}/${path}`));
  }
  // What was sent is what should not be seen.
  const sent = up.requests.map(({ rawHeaders, path }) => rawHeaders.join(' ') + path).join(' ');
  for (const secret of [CANARY.providerKey, CANARY.secondProviderKey, CANARY.azureKey, CANARY.header]) {
    assert.ok(sent.includes(secret), secret);
  }
  const accepted = up.requests.length;
  await until(() => gateway.logs().length > accepted);
  const everything = seen + gateway.logs().join('\n');
  for (const [name, secret] of Object.entries(CANARY)) {
    for (const form of formsOf(secret)) {
      const at = everything.indexOf(form);
      assert.equal(at, -1, `${name}: ${everything.slice(Math.max(0, at - 200), at + 100)}`);
    }
  }
  assert.match(everything, /\[redacted\]/);
});
