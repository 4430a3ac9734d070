import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CALLER_KEY, testConfig } from '../gateway/config.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';

let up: Upstream;
let gateway: TestGateway;
before(async () => {
  up = await startUpstream();
  const target = { credential: 'team/up', model: 'chat', weight: 1, priority: 0 };
  gateway = await startGateway(testConfig({ upstream: up.url, targets: [target] }));
});
after(async () => {
  await gateway.stop();
  await up.stop();
});

const MESSAGES = '"messages":[{"role":"user","content":"Hi"}]';
const VALID = `{"model":"chat",${MESSAGES}}`;

function post(body: string | Buffer): Promise<Response> {
  return fetch(`${gateway.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${CALLER_KEY}` },
    body: Buffer.from(body),
  });
}

const nested = (depth: number): string =>
  `{"model":"chat",${MESSAGES},"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;

const REFUSED: Record<string, string | Buffer> = {
  'an empty body': '',
  spaces: '  \n',
  'no object': '[]',
  'a string': '"chat"',
  'half an object': VALID.slice(0, -1),
  'text behind the object': `${VALID}x`,
  'two objects': `${VALID}${VALID}`,
  'a byte order mark': `\uFEFF${VALID}`,
  comments: `{/* */"model":"chat",${MESSAGES}}`,
  'single quotes': VALID.replaceAll('"', "'"),
  'a trailing comma': `{"model":"chat",${MESSAGES},}`,
  'UTF-16': Buffer.from(VALID, 'utf16le'),
  'a stray byte of Latin-1': Buffer.from(VALID.replace('Hi', 'H\xe9'), 'latin1'),
  'an overlong encoding': Buffer.from(VALID.replace('Hi', 'H\xc0\xaf'), 'latin1'),
  'half a character': Buffer.from(VALID.replace('Hi', 'H\xe2\x82'), 'latin1'),
  'an encoded surrogate': Buffer.from(VALID.replace('Hi', 'H\xed\xa0\x80'), 'latin1'),
  'depth 65': nested(64),
  'depth 200,001': nested(200_000),
  'objects 200,000 deep': `{"model":"chat","a":${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}}`,
  'two models': `{"model":"chat","model":"other",${MESSAGES}}`,
  'two equal models': `{"model":"chat",${MESSAGES},"model":"chat"}`,
  'a model twice, once escaped': `{"mod\\u0065l":"other","model":"chat",${MESSAGES}}`,
  'two streams': `{"model":"chat","stream":true,${MESSAGES},"stream":false}`,
  'two lists of messages': `{"model":"chat",${MESSAGES},${MESSAGES}}`,
  'two max_tokens': `{"model":"chat","max_tokens":1,${MESSAGES},"max_tokens":9}`,
  'another case': `{"model":"chat","Model":"other",${MESSAGES}}`,
  'another case alone': `{"MODEL":"chat",${MESSAGES}}`,
  'a letter that folds to k': `{"model":"chat","max_to\u212Aens":9,${MESSAGES}}`,
  'a letter that folds to s': `{"model":"chat","\u017Ftream":true,${MESSAGES}}`,
  'the field __proto__': `{"model":"chat",${MESSAGES},"__proto__":{"model":"other"}}`,
  'an escaped __proto__': `{"model":"chat",${MESSAGES},"__pr\\u006fto__":{}}`,
  'a model that is no string': `{"model":["chat"],${MESSAGES}}`,
  'a stream that is no boolean': `{"model":"chat","stream":"yes",${MESSAGES}}`,
  'a model without an end': '{"model":"chat',
};

for (const [what, body] of Object.entries(REFUSED)) {
  test(`400, and nothing is sent: ${what}`, async () => {
    const n = up.requests.length;
    const response = await post(body);
    assert.equal(response.status, 400);
    const { error } = (await response.json()) as { error: { type: string; code: string } };
    assert.equal(error.type, 'invalid_request_error');
    assert.match(error.code, /^invalid_(?:json|parameter)$/);
    assert.equal(up.requests.length, n);
  });
}

const UNCHANGED: Record<string, string> = {
  'depth 64': nested(63),
  'lone surrogates': `{"model":"chat","messages":[{"role":"user","content":"\\ud800 and \\udfff"}]}`,
  'numbers that no double holds': `{"model":"chat",${MESSAGES},"seed":12345678901234567890,"x":1.0000000000000000001e400}`,
  'its own order and spaces': `\n{ ${MESSAGES} , "model" :\t"chat" }\r\n`,
  'unknown fields, also twice': `{"model":"chat","x":1,${MESSAGES},"x":2}`,
  '__proto__ inside a value': `{"model":"chat",${MESSAGES},"metadata":{"__proto__":"a","constructor":"b"}}`,
  'every kind of character': `{"model":"chat","messages":[{"role":"user","content":"é€😀 \\" \\\\ \\n"}]}`,
};

for (const [what, body] of Object.entries(UNCHANGED)) {
  test(`sent byte for byte: ${what}`, async () => {
    const n = up.requests.length;
    await post(body);
    assert.equal((await up.request(n)).body.toString(), body);
  });
}

test('an escaped name means the same upstream', async () => {
  const n = up.requests.length;
  assert.equal((await post(`{"mod\\u0065l":"chat",${MESSAGES}}`)).status, 200);
  assert.equal(up.requests[n]!.json()['model'], 'chat');
});
