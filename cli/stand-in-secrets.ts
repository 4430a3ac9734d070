import { hash } from 'node:crypto';
import type { Secrets } from '../core/compile/index.ts';
import { generatedKeys, secretRefs, type SecretRef } from '../core/compile/secret-refs.ts';

/**
 * Secrets with stand-ins for values that are not in the files: for keys that the gateway will generate, and, with
 * `assume`, for every other value that is referred to. Equal references have equal stand-ins, so that nothing looks
 * changed that is not.
 */
export function withStandIns(resources: readonly unknown[], secrets: Secrets, assume: boolean): Secrets {
  const filled: Record<string, Record<string, string>> = {};
  for (const [id, values] of Object.entries(secrets)) filled[id] = { ...values };
  const refs: SecretRef[] = [...generatedKeys(resources), ...(assume ? resources.flatMap(secretRefs) : [])];
  for (const { secret, key } of refs) {
    const values = (filled[secret] ??= {});
    // A variable that is not set leaves an empty value behind.
    values[key] ||= hash('sha256', `stand-in for ${secret} ${key}`, 'hex');
  }
  return filled;
}
