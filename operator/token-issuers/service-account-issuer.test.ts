import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { ApiError } from '../kube/api-error.ts';
import { readIssuer } from './issuer-documents.ts';
import { ServiceAccountIssuer } from './service-account-issuer.ts';

const ISSUER = 'https://kubernetes.default.svc';
const RSA = { kty: 'RSA', kid: 'a', alg: 'RS256', n: 'n', e: 'AQAB' };

describe('what the API server says of its issuer', () => {
  test('the public parts of keys for signatures, and nothing else', () => {
    const keys = [
      { ...RSA, use: 'sig', d: 'private', x5u: 'https://evil.example', x5c: ['x'] },
      { kty: 'EC', kid: 'b', crv: 'P-256', x: 'x', y: 'y' },
      { ...RSA, kid: 'c', use: 'enc' },
      { kty: 'oct', k: 'shared' },
      'nonsense',
    ];
    const read = readIssuer({ issuer: ISSUER, jwks_uri: 'https://elsewhere.example' }, { keys });
    assert.deepEqual(read, {
      issuer: ISSUER,
      audience: 'modelgate',
      keys: [RSA, { kty: 'EC', kid: 'b', crv: 'P-256', x: 'x', y: 'y' }],
    });
  });

  test('an answer of another kind is an error', () => {
    assert.throws(() => readIssuer({}, { keys: [RSA] }), /openid-configuration names no issuer/);
    for (const keySet of [null, {}, { keys: [] }, { keys: [{ kty: 'oct', k: 'x' }] }])
      assert.throws(() => readIssuer({ issuer: ISSUER }, keySet), /jwks has no public key/);
  });
});

describe('the issuer', () => {
  const answers = (path: string): unknown => (path.endsWith('jwks') ? { keys: [RSA] } : { issuer: ISSUER });

  async function started(read: (path: string) => Promise<unknown>): Promise<ServiceAccountIssuer> {
    const stop = new AbortController();
    const issuer = new ServiceAccountIssuer();
    const log = pino({ level: 'silent' });
    await issuer.start({ client: { read }, log, signal: stop.signal, changed: () => undefined });
    stop.abort();
    return issuer;
  }

  test('is known before anything is compiled', async () => {
    const issuer = await started(async (path) => answers(path));
    assert.equal(issuer.input().serviceAccounts?.issuer, ISSUER);
  });

  test('is asked for again while nobody answers', async () => {
    let asked = 0;
    const issuer = await started(async (path) => {
      if (asked++ < 2) throw new Error('connection refused');
      return answers(path);
    });
    assert.equal(issuer.input().serviceAccounts?.issuer, ISSUER);
  });

  test('holds up nothing when the API server does not tell', async () => {
    const issuer = await started(async (path) => {
      throw new ApiError(`GET ${path}`, 403, { reason: 'Forbidden' });
    });
    assert.equal(issuer.input().serviceAccounts, undefined);
  });
});
