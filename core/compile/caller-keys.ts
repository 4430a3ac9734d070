import { hash } from 'node:crypto';
import type { Caller } from '../config/config.ts';
import type { CallerKey } from '../resources/caller-key.ts';
import type { Draft } from './draft.ts';
import { idOf } from './identity.ts';
import { isSendable } from './sendable.ts';
import { secretValue, type Found } from './secret-values.ts';
import type { Problem } from './statuses.ts';

type Key = Caller['keys'][number];

/** Where a generated key lies in the Secret that `spec.generate` names. */
export const GENERATED_KEY = 'MODELGATE_API_KEY';

const SHORTEST_KEY = 16;
const GENERATE_FIELD = 'spec.generate.secretName';

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

function generatedKeys(draft: Draft, resource: CallerKey, name: string): readonly Key[] {
  const { foreign, others } = draft.input.generated?.[idOf(resource)] ?? { others: [] };
  const { value, problem } = foreign ? { problem: notOwned(name) } : generatedKey(draft, resource, name);
  if (problem) draft.statuses.unresolved(resource, problem);
  if (value === undefined) return others;
  const key = keyOf(value);
  return [key, ...others.filter(({ sha256 }) => sha256 !== key.sha256)];
}

function generatedKey(draft: Draft, { metadata: { namespace } }: CallerKey, name: string): Found {
  const field = GENERATE_FIELD;
  const { value, problem } = secretValue(draft, { namespace, name, key: GENERATED_KEY, field });
  if (problem) {
    const message = `${field}: the key is being generated: Secret "${name}" does not hold ${GENERATED_KEY} yet`;
    return { problem: { reason: problem.reason, message } };
  }
  const fault = keyFault(value);
  if (fault === undefined) return { value };
  const message = `${field}: ${GENERATED_KEY} in Secret "${name}" ${fault}, or delete the Secret to have it made anew`;
  return { problem: { reason: 'SecretInvalid', message } };
}

function notOwned(name: string): Problem {
  const message = `${GENERATE_FIELD}: there is a Secret "${name}" that was not made for this CallerKey, and it is left as it is: choose another name, or delete that Secret`;
  return { reason: 'SecretNotOwned', message };
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
