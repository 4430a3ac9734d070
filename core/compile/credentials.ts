import { X509Certificate } from 'node:crypto';
import type { Credential } from '../config/config.ts';
import type { EgressRule } from '../net/egress.ts';
import type { ProviderCredential } from '../resources/provider-credential.ts';
import type { Draft } from './draft.ts';
import { secretValue, type Found, type SecretUse } from './secret-values.ts';
import { isSendable } from './sendable.ts';
import { withoutUndefined } from './without-undefined.ts';

/**
 * Credentials that have at least one of the keys they name. One whose certificate authority is missing is left
 * out: trusting the public ones in its place is not what was asked for.
 */
export function credentials(draft: Draft): void {
  const egress = egressOf(draft.input.egress);
  for (const [id, resource] of draft.world.ProviderCredential) {
    const wanted = keyUses(resource);
    const keys = wanted.flatMap((use) => valueOf(draft, resource, providerKey(draft, use)));
    const authority = authorityUse(resource);
    const ca = authority && valueOf(draft, resource, certificate(draft, authority))[0];
    if (wanted.length > 0 && keys.length === 0) continue;
    if (authority !== undefined && ca === undefined) continue;
    draft.credentials[id] = {
      ...toCredential(resource, [...new Set(keys)], ca),
      ...(egress && { egress }),
    };
  }
}

function keyUses({ metadata: { namespace }, spec }: ProviderCredential): SecretUse[] {
  const { secretRef, secretRefs = [] } = spec.auth?.apiKey ?? {};
  const one = secretRef ? [{ namespace, ...secretRef, field: 'spec.auth.apiKey.secretRef' }] : [];
  const several = secretRefs.map((ref, i) => ({
    namespace,
    ...ref,
    field: `spec.auth.apiKey.secretRefs[${i}]`,
  }));
  return [...one, ...several];
}

function authorityUse({ metadata: { namespace }, spec }: ProviderCredential): SecretUse | undefined {
  const ref = spec.tls?.caSecretRef;
  return ref && { namespace, ...ref, field: 'spec.tls.caSecretRef' };
}

function valueOf(draft: Draft, resource: ProviderCredential, { value, problem }: Found): string[] {
  if (problem === undefined) return [value];
  draft.statuses.unresolved(resource, problem);
  return [];
}

function providerKey(draft: Draft, use: SecretUse): Found {
  const found = secretValue(draft, use);
  if (found.problem || isSendable(found.value)) return found;
  const fault = 'has characters that cannot be sent in a header: a key is one line of ASCII';
  return invalid(use, fault);
}

function certificate(draft: Draft, use: SecretUse): Found {
  const found = secretValue(draft, use);
  if (found.problem || isCertificate(found.value)) return found;
  return invalid(use, 'is not a certificate: put it there in PEM form (-----BEGIN CERTIFICATE-----)');
}

function invalid({ name, key, field }: SecretUse, fault: string): Found {
  const message = `${field}: the value under "${key}" in Secret "${name}" ${fault}`;
  return { problem: { reason: 'SecretInvalid', message } };
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

function toCredential(
  { spec }: ProviderCredential,
  keys: readonly string[],
  ca: string | undefined,
): Credential {
  const { provider, baseURL, headers, forwardHeaders, tls, quirks } = spec;
  return withoutUndefined<Credential>({
    provider,
    baseURL,
    keys,
    headers,
    forwardHeaders: forwardHeaders?.map((name) => name.toLowerCase()),
    tls:
      tls && withoutUndefined({ ca, serverName: tls.serverName, insecureSkipVerify: tls.insecureSkipVerify }),
    quirks,
  });
}

/** The rule as it is written down; undefined where nothing is allowed or denied beyond what always is. */
function egressOf({ allowPrivate = false, deniedCIDRs = [] }: EgressRule = {}): Credential['egress'] {
  if (!allowPrivate && deniedCIDRs.length === 0) return undefined;
  return { allowPrivate, deniedCIDRs };
}
