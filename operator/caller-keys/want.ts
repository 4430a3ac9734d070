import type { CallerKey } from '../../core/resources/kinds.ts';
import type { SecretValue } from '../task.ts';
import { isMadeFor, readKeySecret } from './key-secret.ts';
import { nextRotation } from './rotation.ts';

type Generate = NonNullable<CallerKey['spec']['generate']>;

/** What a generated key needs. */
export type Want =
  /** There is no key, or it has to be replaced. */
  | 'NewKey'
  /** The key stays; what stands beside it is out of date. */
  | 'Update'
  /** The Secret is somebody else's. */
  | 'OtherName'
  /** Nothing before that instant; milliseconds since the epoch, Infinity for nothing at all. */
  | { before: number };

interface Situation {
  caller: CallerKey;
  generate: Generate;
  secret: SecretValue | undefined;
  now: number;
  baseURL: string;
}

/** A value that somebody has put in place of the key is the key from then on, until the next rotation. */
export function wantOf({ caller, generate, secret, now, baseURL }: Situation): Want {
  if (secret === undefined) return 'NewKey';
  if (!isMadeFor(secret, caller)) return 'OtherName';
  const { key, rotatedAt, baseURL: written } = readKeySecret(secret);
  const next = nextRotation(caller, generate, rotatedAt);
  if (key === undefined || now >= next) return 'NewKey';
  return written === baseURL ? { before: next } : 'Update';
}
