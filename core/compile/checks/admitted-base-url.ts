import type { Egress } from '../../net/egress.ts';
import type { ProviderCredential } from '../../resources/provider-credential.ts';
import type { Problem } from '../statuses.ts';

/**
 * A tenant may write any address, and the proxy stands where tenants do not: what can be told from the text is
 * told here. What a name resolves to is judged by the proxy, each time it connects.
 */
export function admittedBaseURL({ spec }: ProviderCredential, egress: Egress): Problem | undefined {
  if (spec.baseURL === undefined) return undefined;
  const { hostname } = new URL(spec.baseURL);
  const fault = egress.hostFault(hostname);
  return fault === undefined
    ? undefined
    : { reason: 'AddressDenied', message: `spec.baseURL: ${hostname} ${fault}` };
}
