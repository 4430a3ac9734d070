import { GENERATED_KEY } from './caller-keys.ts';

/** A value of a Secret that a resource refers to. */
export interface SecretRef {
  /** `namespace/name` of the Secret. */
  secret: string;
  key: string;
}

/** A CallerKey whose key is to be made for it. */
export interface GeneratedKey extends SecretRef {
  namespace: string;
  name: string;
}

interface Head {
  kind?: unknown;
  metadata?: { namespace?: unknown; name?: unknown } | null;
  spec?: { generate?: { secretName?: unknown } | null } | null;
}

/** The keys that resources want to have generated. Whatever is not as it should be is left to `compile`. */
export function generatedKeys(resources: readonly unknown[]): GeneratedKey[] {
  return resources.flatMap((resource) => {
    const { kind, metadata, spec } = (resource ?? {}) as Head;
    const { namespace = 'default', name } = metadata ?? {};
    const secretName = spec?.generate?.secretName;
    const named = typeof namespace === 'string' && typeof name === 'string' && typeof secretName === 'string';
    if (kind !== 'CallerKey' || !named) return [];
    return [{ namespace, name, secret: `${namespace}/${secretName}`, key: GENERATED_KEY }];
  });
}

const SINGLE = ['secretRef', 'caSecretRef'];

/** Every value of a Secret that the resource names by a `…secretRef` or `secretRefs`. */
export function secretRefs(resource: unknown): SecretRef[] {
  const { metadata } = (resource ?? {}) as Head;
  const { namespace = 'default' } = metadata ?? {};
  return typeof namespace === 'string' ? refsWithin(resource, namespace) : [];
}

function refsWithin(value: unknown, namespace: string): SecretRef[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([member, inner]: [string, unknown]) => {
    if (SINGLE.includes(member)) return toRef(inner, namespace);
    if (member === 'secretRefs' && Array.isArray(inner)) {
      return inner.flatMap((one) => toRef(one, namespace));
    }
    return refsWithin(inner, namespace);
  });
}

function toRef(value: unknown, namespace: string): SecretRef[] {
  const { name, key } = (value ?? {}) as { name?: unknown; key?: unknown };
  return typeof name === 'string' && typeof key === 'string' ? [{ secret: `${namespace}/${name}`, key }] : [];
}
