import type { Draft } from './draft.ts';
import type { Problem } from './statuses.ts';

/** A key of a Secret in the namespace of the object that refers to it, and the field that does. */
export interface SecretUse {
  namespace: string;
  name: string;
  key: string;
  field: string;
}

export type Found = { value: string; problem?: undefined } | { value?: undefined; problem: Problem };

/** The value, without the newline that editors and `echo` leave at its end. Problems never show a value. */
export function secretValue(draft: Draft, { namespace, name, key, field }: SecretUse): Found {
  const secret = draft.input.secrets[`${namespace}/${name}`];
  if (secret === undefined) {
    const message = `${field}: there is no Secret "${name}" in namespace "${namespace}": create it, or correct the name`;
    return { problem: { reason: 'SecretNotFound', message } };
  }
  const value = Object.hasOwn(secret, key) ? secret[key]!.replace(/[\r\n]+$/, '') : '';
  if (value !== '') return { value };
  const message = `${field}: Secret "${name}" has no value under the key "${key}": add it, or correct the key`;
  return { problem: { reason: 'SecretKeyNotFound', message } };
}
