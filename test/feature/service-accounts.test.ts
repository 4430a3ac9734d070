import assert from 'node:assert/strict';
import { createHmac, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Config, type Issuer } from '../../core/config/config.ts';
import { compileYaml } from '../gateway/compile-yaml.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { like } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { ask, askStream, outcome, until } from './ask.ts';
import { resources } from './resources.ts';

const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const CHECKOUT = 'system:serviceaccount:team:checkout';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

const jwk = (key: KeyObject, kid: string, alg: string) =>
  ({ ...key.export({ format: 'jwk' }), kid, alg }) as unknown as Issuer['keys'][number];
const KEYS = [jwk(rsa.publicKey, 'first', 'RS256'), jwk(ec.publicKey, 'second', 'ES256')];

type Fields = Record<string, unknown>;

const now = (): number => Math.floor(Date.now() / 1_000);
const base64url = (value: string | Buffer): string => Buffer.from(value).toString('base64url');

interface Sketch {
  header?: Fields;
  claims?: Fields;
  /** What signs `header.payload`. Default: the issuer's RSA key. */
  signer?: (text: string) => Buffer;
}

const withRsa = (key: KeyObject) => (text: string) => sign('RSA-SHA256', Buffer.from(text), key);
const withEc = (text: string): Buffer =>
  sign('SHA256', Buffer.from(text), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' });

/** A token as the API server makes them, but for what the sketch changes; `undefined` takes a member away. */
function token({ header = {}, claims = {}, signer = withRsa(rsa.privateKey) }: Sketch = {}): string {
  const head = { alg: 'RS256', kid: 'first', ...header };
  const payload = {
    iss: ISSUER,
    sub: CHECKOUT,
    aud: ['modelgate'],
    iat: now(),
    nbf: now(),
    exp: now() + 3_600,
    'kubernetes.io': { namespace: 'team', serviceaccount: { name: 'checkout', uid: 'u' } },
    ...claims,
  };
  const text = `${base64url(JSON.stringify(head))}.${base64url(JSON.stringify(payload))}`;
  return `${text}.${base64url(signer(text))}`;
}

let upstream: Upstream;
let gateway: TestGateway;

const config = (keys = KEYS): Config =>
  compileYaml(
    resources({
      upstreams: { a: upstream.url },
      more: [
        caller('checkout', [{ name: 'checkout' }, { name: 'cart' }]),
        caller('off', [{ name: 'off' }], { disabled: true }),
      ],
    }),
    { serviceAccounts: { issuer: ISSUER, audience: 'modelgate', keys } },
  ).config;

const caller = (name: string, serviceAccounts: Fields[], spec: Fields = {}): Fields => ({
  apiVersion: 'modelgate.dev/v1alpha1',
  kind: 'CallerKey',
  metadata: { name, namespace: 'team' },
  spec: { serviceAccounts, aliases: ['*'], ...spec },
});

before(async () => {
  upstream = await startUpstream();
  gateway = await startGateway(config());
});
after(() => Promise.all([gateway.stop(), upstream.stop()]));
beforeEach(() => {
  upstream.reply(like());
  upstream.requests.length = 0;
});

describe('the token of a ServiceAccount that a CallerKey names', () => {
  test('is a key, on every endpoint and as often as it likes', async () => {
    const key = token();
    assert.equal((await ask(gateway, { key })).status, 200);
    assert.equal((await ask(gateway, { key })).status, 200);
    const stream = await askStream(gateway, { key });
    assert.equal(stream.status, 200);
    await stream.text();
    const listed = await fetch(`${gateway.url}/models`, { headers: { 'x-api-key': key } });
    const { data } = (await listed.json()) as { data: { id: string }[] };
    assert.deepEqual(
      data.map(({ id }) => id),
      ['chat'],
    );
    for (const { headers } of upstream.requests) assert.ok(!JSON.stringify(headers).includes(key));
  });

  test('may be signed with any key of the issuer, and name several audiences', async () => {
    const key = token({ header: { alg: 'ES256', kid: 'second' }, signer: withEc });
    assert.equal((await ask(gateway, { key })).status, 200);
    assert.equal(
      (await ask(gateway, { key: token({ claims: { aud: ['other', 'modelgate'] } }) })).status,
      200,
    );
  });

  test('is known by the caller’s name in the access log, and stands in no line of it', async () => {
    const key = token({ claims: { sub: CHECKOUT.replace('checkout', 'cart') } });
    const answer = await ask(gateway, { key });
    await answer.text();
    const id = answer.headers.get('x-request-id')!;
    const lines = await until(
      () => gateway.logs().filter((line) => line.includes(id)),
      ({ length }) => length > 0,
    );
    assert.match(lines.join('\n'), /"key":"team\/checkout"/);
    for (const line of gateway.logs()) assert.ok(!line.includes(key.slice(-40)));
  });

  test('does not outdo what its CallerKey says', async () => {
    const key = token({ claims: { sub: 'system:serviceaccount:team:off' } });
    assert.deepEqual(await outcome(ask(gateway, { key })), [401, 'api_key_disabled']);
  });

  test('a little difference of clocks is no harm', async () => {
    assert.equal((await ask(gateway, { key: token({ claims: { nbf: now() + 5 } }) })).status, 200);
  });

  test('is no longer good once its signer is no longer trusted, though it was seen before', async () => {
    const other = await startGateway(config());
    try {
      const key = token();
      assert.equal((await ask(other, { key })).status, 200);
      await other.use(config(KEYS.slice(1)));
      assert.deepEqual(await outcome(ask(other, { key })), [401, 'invalid_api_key']);
    } finally {
      await other.stop();
    }
  });
});

/** The issuer's public key as text, which is no secret: used as the secret of an HMAC by whoever forges. */
const PUBLIC_PEM = createPublicKey(rsa.privateKey).export({ type: 'spki', format: 'pem' });
const withHmac = (secret: string | Buffer) => (text: string) =>
  createHmac('sha256', secret).update(text).digest();
const withNothing = (): Buffer => Buffer.alloc(0);
const embedded = jwk(stranger.publicKey, 'first', 'RS256');

const REFUSED: Record<string, Sketch> = {
  'signed with the public key as a shared secret': { header: { alg: 'HS256' }, signer: withHmac(PUBLIC_PEM) },
  'signed with the modulus as a shared secret': { header: { alg: 'HS256' }, signer: withHmac(KEYS[0]!.n!) },
  'signed with an empty secret': { header: { alg: 'HS256' }, signer: withHmac('') },
  'not signed, alg none': { header: { alg: 'none' }, signer: withNothing },
  'not signed, alg NoNe': { header: { alg: 'NoNe' }, signer: withNothing },
  'not signed, alg RS256': { signer: withNothing },
  'without an algorithm': { header: { alg: undefined } },
  'of an algorithm that the key is not for': { header: { alg: 'RS512' } },
  'of an RSA algorithm with the key of another curve': { header: { kid: 'second' } },
  'signed by a stranger': { signer: withRsa(stranger.privateKey) },
  'of a key id that is a path': { header: { kid: '../../../../dev/null' }, signer: withHmac('') },
  'of a key id that is a query': { header: { kid: "first' UNION SELECT 'x" } },
  'of a key id that JavaScript knows': { header: { kid: '__proto__' } },
  'of a key id that is no text': { header: { kid: ['first'] } },
  'of an unknown key id': { header: { kid: 'third' } },
  'with the key of a stranger in its header': {
    header: { jwk: embedded },
    signer: withRsa(stranger.privateKey),
  },
  'with an extension that must be understood': { header: { crit: ['b64'], b64: false } },
  'for nobody': { claims: { aud: undefined } },
  'for somebody else': { claims: { aud: ['https://kubernetes.default.svc'] } },
  'for an audience that only begins like ours': { claims: { aud: ['modelgate.evil.example'] } },
  'of another issuer': { claims: { iss: 'https://evil.example' } },
  'of an issuer that only begins like ours': { claims: { iss: `${ISSUER}.evil.example` } },
  'of an issuer that JavaScript knows': { claims: { iss: '__proto__' } },
  'of no issuer': { claims: { iss: undefined } },
  'not good yet': { claims: { nbf: now() + 3_600 } },
  'without an end': { claims: { exp: undefined } },
  'with an end that is no number': { claims: { exp: '9999999999' } },
  'of nobody': { claims: { sub: undefined } },
  'of a subject that is no text': { claims: { sub: { name: CHECKOUT } } },
  'of another ServiceAccount': { claims: { sub: 'system:serviceaccount:team:other' } },
  'of the ServiceAccount of that name elsewhere': {
    claims: { sub: 'system:serviceaccount:elsewhere:checkout' },
  },
  'of a subject that JavaScript knows': { claims: { sub: 'constructor' } },
};

describe('no key is a token', () => {
  for (const [what, sketch] of Object.entries(REFUSED)) {
    test(what, async () => {
      const key = token(sketch);
      const answer = await ask(gateway, { key });
      assert.ok(!(await answer.clone().text()).includes(key));
      assert.deepEqual(await outcome(answer), [401, 'invalid_api_key']);
      assert.equal(upstream.requests.length, 0);
    });
  }

  test('that has ended', async () => {
    const key = token({ claims: { exp: now() - 60 } });
    assert.deepEqual(await outcome(ask(gateway, { key })), [401, 'api_key_expired']);
  });

  test('that has ended and that a stranger signed: nothing is told of it', async () => {
    const key = token({ claims: { exp: now() - 60 }, signer: withRsa(stranger.privateKey) });
    assert.deepEqual(await outcome(ask(gateway, { key })), [401, 'invalid_api_key']);
  });

  test('of which one character was changed, wherever', async () => {
    const good = token();
    const [head, payload] = good.split('.') as [string, string];
    for (const at of [5, head.length + 10, head.length + payload.length - 5, good.length - 20]) {
      const key = good.slice(0, at) + (good[at] === 'A' ? 'B' : 'A') + good.slice(at + 1);
      assert.deepEqual(await outcome(ask(gateway, { key })), [401, 'invalid_api_key'], String(at));
    }
  });

  test('that only looks like one', async () => {
    const keys = ['eyJ', 'eyJ..', 'eyJ.eyJ.', 'eyJhbGciOiJSUzI1NiJ9.bnVsbA.AAAA', `eyJ${'.'.repeat(5_000)}`];
    for (const key of keys)
      assert.deepEqual(await outcome(ask(gateway, { key })), [401, 'invalid_api_key'], key);
  });

  test('that says where to fetch its key: nobody goes there', async () => {
    let visits = 0;
    const trap = createServer((_request, response) => {
      visits++;
      response.end(JSON.stringify({ keys: [embedded] }));
    });
    await new Promise<void>((resolve) => void trap.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/jwks`;
    try {
      for (const header of [{ jku: url }, { x5u: url }, { jku: url, kid: 'third' }]) {
        const key = token({ header, signer: withRsa(stranger.privateKey) });
        assert.deepEqual(await outcome(ask(gateway, { key })), [401, 'invalid_api_key']);
      }
      assert.equal(visits, 0);
    } finally {
      trap.close();
    }
  });
});

test('private and shared keys have no place in a configuration', () => {
  const whole = config();
  const parsed = (key: object) =>
    Config.safeParse({ ...whole, issuers: { [ISSUER]: { audience: 'modelgate', keys: [key] } } }).success;
  assert.ok(parsed(KEYS[0]!));
  assert.ok(!parsed({ kty: 'oct', k: 'c2VjcmV0' }));
  assert.ok(!parsed(rsa.privateKey.export({ format: 'jwk' })));
});
