import type { TrafficPolicy } from '../../resources/traffic-policy.ts';
import type { Problem } from '../statuses.ts';

/** An answer is looked up before a target is chosen: what is said about requests to a credential comes too late. */
export function cachedBeforeCredential({ spec }: TrafficPolicy): Problem | undefined {
  const named = spec.targetRefs?.findIndex(({ kind }) => kind === 'ProviderCredential') ?? -1;
  if (spec.cache === undefined || named < 0) return undefined;
  const message = `spec.cache: answers are looked up before a credential is chosen: take the ProviderCredential out of targetRefs[${named}], or move cache to a policy for aliases or keys`;
  return { reason: 'Invalid', message };
}
