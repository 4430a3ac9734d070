import * as z from 'zod';
import type { TokenIssuer } from '../../core/compile/index.ts';
import { PublicKey } from '../../core/config/config.ts';

/** Paths of the API server: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery */
export const DISCOVERY_PATH = '/.well-known/openid-configuration';
export const KEYS_PATH = '/openid/v1/jwks';

/** Whom the projected tokens have to be for. */
const AUDIENCE = 'modelgate';
const MOST_KEYS = 64;

const Discovery = z.object({ issuer: z.string().min(1).max(512) });
const KeySet = z.object({ keys: z.array(z.unknown()).max(MOST_KEYS) });

/** What is public of a key; all else that it may say is left out. */
const Key = z.object(PublicKey.shape);
const Use = z.object({ use: z.literal('sig').optional() });

/**
 * Who signs the tokens of ServiceAccounts, by what the API server says of it.
 * @throws Error when that makes no sense, or there is no key that can be used
 */
export function readIssuer(discovery: unknown, keySet: unknown): TokenIssuer {
  const about = Discovery.safeParse(discovery);
  if (!about.success) throw new Error(`${DISCOVERY_PATH} names no issuer`);
  const set = KeySet.safeParse(keySet);
  const keys = set.success ? set.data.keys.flatMap(readKey) : [];
  if (keys.length === 0) throw new Error(`${KEYS_PATH} has no public key for signatures`);
  return { issuer: about.data.issuer, audience: AUDIENCE, keys };
}

function readKey(value: unknown): PublicKey[] {
  const key = Key.safeParse(value);
  return key.success && Use.safeParse(value).success ? [key.data] : [];
}
