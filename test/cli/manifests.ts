import { hash } from 'node:crypto';

/** The hash of this key is in `KEY` manifests. */
export const CALLER_KEY = 'mg-test-key-that-is-long-enough';
export const CALLER_KEY_SHA256 = hash('sha256', CALLER_KEY, 'hex');

export const MOCK = `
apiVersion: modelgate.dev/v1alpha1
kind: ProviderCredential
metadata: {name: mock}
spec: {provider: Mock}
`;

/** An alias of the mock provider. */
export const alias = (name: string, model = 'echo'): string => `
apiVersion: modelgate.dev/v1alpha1
kind: ModelAlias
metadata: {name: ${name}}
spec:
  targets:
    - credentialRef: {name: mock}
      model: ${model}
`;

/** A caller that has `CALLER_KEY` and may call everything. */
export const caller = (name = 'app', more = ''): string => `
apiVersion: modelgate.dev/v1alpha1
kind: CallerKey
metadata: {name: ${name}}
spec:
  sha256: ${CALLER_KEY_SHA256}
  aliases: ["*"]
${more}`;

/** A caller whose key the gateway makes. */
export const generated = (name = 'local'): string => `
apiVersion: modelgate.dev/v1alpha1
kind: CallerKey
metadata: {name: ${name}}
spec:
  generate: {secretName: ${name}-key}
  aliases: ["*"]
`;

/** Several documents in one text. */
export const yaml = (...documents: readonly string[]): string => documents.join('---');
