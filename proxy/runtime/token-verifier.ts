import type { JWK } from 'jose';
import { JWTExpired } from 'jose/errors';
import { createLocalJWKSet } from 'jose/jwks/local';
import { decodeJwt } from 'jose/jwt/decode';
import { jwtVerify } from 'jose/jwt/verify';
import type { Config } from '../../core/config/config.ts';
import { GatewayError } from '../../core/errors.ts';
import type { KnownKey } from './known-key.ts';

/** Signatures by somebody who has a private key; a shared secret or no signature proves nothing. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
/** Seconds by which the clock of whoever signs may differ from ours. */
const LEEWAY = 10;
/** Verified tokens that are remembered; the one that came first is forgotten first. */
const REMEMBERED = 50_000;

const UNKNOWN_TOKEN = new GatewayError(
  'invalid_api_key',
  'This token is not accepted: it has to be signed by an issuer that the gateway knows, for the audience "modelgate".',
);

interface Signer {
  issuer: string;
  audience: string;
  keyFor: ReturnType<typeof createLocalJWKSet>;
}

/** Issuer → subject → id of the caller. */
export type Subjects = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Tells whose token it is, by the keys in the configuration alone: nothing that a token says is ever fetched. */
export class TokenVerifier {
  readonly #signers: ReadonlyMap<string, Signer>;
  readonly #subjects: Subjects;
  /** By the SHA-256 of the token, until it ends. */
  readonly #verified = new Map<string, KnownKey>();

  constructor(issuers: Config['issuers'], subjects: Subjects) {
    this.#signers = signersOf(issuers);
    this.#subjects = subjects;
  }

  /** Whether it looks like a token: three parts, of which the first is a JSON object. */
  takes(key: string): boolean {
    return this.#signers.size > 0 && key.startsWith('eyJ') && key.split('.').length === 3;
  }

  /** Whose token this is, when it has been verified before. */
  known(sha256: string): KnownKey | undefined {
    return this.#verified.get(sha256);
  }

  /**
   * @param sha256 of the token, lower-case hex
   * @throws GatewayError 401
   */
  async verify(token: string, sha256: string): Promise<KnownKey> {
    const signer = this.#signerOf(token);
    const { sub, exp } = await claimsOf(token, signer);
    // No verifier of tokens looks at the type of this claim.
    if (typeof sub !== 'string') throw UNKNOWN_TOKEN;
    const callerId = this.#subjects.get(signer.issuer)?.get(sub);
    if (callerId === undefined) throw nobodys(sub);
    const owner = { callerId, expiresAt: (exp + LEEWAY) * 1_000 };
    this.#remember(sha256, owner);
    return owner;
  }

  #signerOf(token: string): Signer {
    let issuer: unknown;
    try {
      issuer = decodeJwt(token).iss;
    } catch {
      throw UNKNOWN_TOKEN;
    }
    const signer = typeof issuer === 'string' ? this.#signers.get(issuer) : undefined;
    if (!signer) throw UNKNOWN_TOKEN;
    return signer;
  }

  #remember(sha256: string, owner: KnownKey): void {
    if (this.#verified.size >= REMEMBERED) this.#verified.delete(this.#verified.keys().next().value!);
    this.#verified.set(sha256, owner);
  }
}

function signersOf(issuers: Config['issuers'] = {}): Map<string, Signer> {
  const signers = Object.entries(issuers).map(([issuer, { audience, keys }]): [string, Signer] => {
    // Members that a key does not have are absent, which its type cannot say.
    const keyFor = createLocalJWKSet({ keys: keys as JWK[] });
    return [issuer, { issuer, audience, keyFor }];
  });
  return new Map(signers);
}

/** What is said of a token once its signature is found good helps its owner and nobody else. */
async function claimsOf(token: string, { issuer, audience, keyFor }: Signer) {
  try {
    const { payload } = await jwtVerify<{ sub: unknown; exp: number }>(token, keyFor, {
      algorithms: ALGORITHMS,
      issuer,
      audience,
      clockTolerance: LEEWAY,
      requiredClaims: ['sub', 'exp'],
    });
    return payload;
  } catch (error) {
    if (error instanceof JWTExpired) throw EXPIRED;
    throw UNKNOWN_TOKEN;
  }
}

const EXPIRED = new GatewayError(
  'api_key_expired',
  'This token has expired. The file of a projected token is renewed all the time: read it for each request.',
);

function nobodys(subject: string): GatewayError {
  const message = `The token of ${JSON.stringify(subject.slice(0, 300))} is good, and no CallerKey names it.`;
  return new GatewayError('invalid_api_key', message);
}
