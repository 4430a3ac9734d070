import { instant } from '../../core/compile/instants.ts';
import { KEY_FORM, prefixOf } from '../../core/compile/key-form.ts';
import type { CallerKey } from '../../core/resources/kinds.ts';
import type { SecretValue } from '../task.ts';
import { isMadeFor, readKeySecret } from './key-secret.ts';
import { endOfKey } from './rotation.ts';

/** What the status of a CallerKey has beyond the others. No more of a key than may be shown. */
export interface StatusFields extends Readonly<Record<string, unknown>> {
  prefix?: string;
  expiresAt?: string;
  lastRotated?: string;
}

/** @param secret where the key was generated into */
export function statusFields(caller: CallerKey, secret: SecretValue | undefined): StatusFields {
  const { generate, expiresAt } = caller.spec;
  if (generate === undefined || secret === undefined || !isMadeFor(secret, caller)) {
    return until(instant(expiresAt) ?? Infinity);
  }
  const { key = '', rotatedAt } = readKeySecret(secret);
  return {
    // A key that somebody chose may have little in it: of that nothing is shown.
    ...(KEY_FORM.test(key) && { prefix: prefixOf(key) }),
    ...until(endOfKey(caller, generate, rotatedAt)),
    lastRotated: text(rotatedAt),
  };
}

function until(end: number): Pick<StatusFields, 'expiresAt'> {
  return end === Infinity ? {} : { expiresAt: text(end) };
}

/** To the second, as Kubernetes writes instants. */
function text(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
