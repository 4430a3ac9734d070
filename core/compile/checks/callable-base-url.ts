import type { ProviderCredential } from '../../resources/provider-credential.ts';
import type { Problem } from '../statuses.ts';

/** The schema looks at the shape only: `https://[::1` has it and is no address. */
export function callableBaseURL({ spec }: ProviderCredential): Problem | undefined {
  if (spec.baseURL === undefined || URL.canParse(spec.baseURL)) return undefined;
  const message = 'spec.baseURL: is not a URL that can be called: write it like https://api.example.com/v1';
  return { reason: 'Invalid', message };
}
