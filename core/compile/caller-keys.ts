import { hash } from 'node:crypto';
import type { Caller } from '../config/config.ts';
import type { CallerKey } from '../resources/caller-key.ts';
import type { Draft } from './draft.ts';
import { isSendable } from './sendable.ts';
import { secretValue } from './secret-values.ts';
import { instant } from './instants.ts';

type Key = Caller['keys'][number];

/** Where a generated key lies in the Secret that `spec.generate` names, and the one before it during a rotation. */
export const GENERATED_KEY = 'MODELGATE_API_KEY';
export const PREVIOUS_KEY = 'MODELGATE_API_KEY_PREVIOUS';
/** RFC 3339; until then the previous key is good. */
export const PREVIOUS_KEY_EXPIRES_AT = 'MODELGATE_API_KEY_PREVIOUS_EXPIRES_AT';

const SHORTEST_KEY = 16;

/** The hashes that this caller is known by; none, with the reason in its status, when its key is not to be had. */
export function callerKeys(draft: Draft, resource: CallerKey): readonly Key[] {
  const { sha256, secretRef, generate } = resource.spec;
  if (sha256 !== undefined) return [{ sha256 }];
  if (secretRef !== undefined) return secretKey(draft, resource, secretRef);
  return generate === undefined ? [] : generatedKeys(draft, resource, generate.secretName);
}

function secretKey(draft: Draft, resource: CallerKey, ref: { name: string; key: string }): Key[] {
  const field = 'spec.secretRef';
  const { namespace } = resource.metadata;
  const { value, problem } = secretValue(draft, { namespace, ...ref, field });
  if (problem) {
    draft.statuses.unresolved(resource, problem);
    return [];
  }
  const fault = keyFault(value);
  if (fault === undefined) return [keyOf(value)];
  const message = `${field}: the value under "${ref.key}" in Secret "${ref.name}" ${fault}`;
  draft.statuses.unresolved(resource, { reason: 'SecretInvalid', message });
  return [];
}

function generatedKeys(draft: Draft, resource: CallerKey, name: string): Key[] {
  const field = 'spec.generate.secretName';
  const { namespace } = resource.metadata;
  const { value, problem } = secretValue(draft, { namespace, name, key: GENERATED_KEY, field });
  if (problem) {
    const message = `${field}: the key is being generated: Secret "${name}" does not hold ${GENERATED_KEY} yet`;
    draft.statuses.unresolved(resource, { reason: problem.reason, message });
    return [];
  }
  const fault = keyFault(value);
  if (fault === undefined) return [keyOf(value), ...previousKey(draft, `${namespace}/${name}`, value)];
  const message = `${field}: ${GENERATED_KEY} in Secret "${name}" ${fault}, or delete the Secret to have it made anew`;
  draft.statuses.unresolved(resource, { reason: 'SecretInvalid', message });
  return [];
}

/** A previous key without a proper end is not let in: a rotation must come to an end. */
function previousKey(draft: Draft, secretId: string, current: string): Key[] {
  const secret = draft.input.secrets[secretId];
  const previous = secret?.[PREVIOUS_KEY]?.trim() ?? '';
  const expiresAt = instant(secret?.[PREVIOUS_KEY_EXPIRES_AT]?.trim());
  if (expiresAt === undefined || previous === current || keyFault(previous) !== undefined) return [];
  return [{ ...keyOf(previous), expiresAt }];
}

function keyFault(value: string): string | undefined {
  if (value.length < SHORTEST_KEY)
    return `is shorter than ${SHORTEST_KEY} characters, which can be guessed: put a longer one there`;
  return isSendable(value)
    ? undefined
    : 'has characters that cannot be sent in a header: use ASCII in one line';
}

function keyOf(value: string): Key {
  return { sha256: hash('sha256', value, 'hex') };
}
