import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const README = join(import.meta.dirname, '../../README.md');

/** The four resources of the README, as they stand there, in namespaces of their own, with the provider at `baseURL`. */
export function readmeExample(baseURL: string): string {
  const yaml = /^```yaml\n([\s\S]*?)^```$/m.exec(readFileSync(README, 'utf8'))![1]!;
  const located = yaml.replace('  provider: OpenAI\n', `  provider: OpenAI\n  baseURL: ${baseURL}\n`);
  return [namespace('platform'), namespace('shop'), located].join('\n---\n');
}

export function namespace(name: string): string {
  return `{apiVersion: v1, kind: Namespace, metadata: {name: ${name}}}`;
}

/** The Secret of the README's ProviderCredential. */
export function providerKey(value: string): string {
  return document(
    'v1',
    'Secret',
    { name: 'openai', namespace: 'platform' },
    { stringData: { apiKey: value } },
  );
}

export interface AliasSketch {
  name?: string;
  namespace?: string;
  model?: string;
  allowed?: 'All' | 'Same';
}

/** A ModelAlias with one target at the README's credential. */
export function alias({
  name = 'chat',
  namespace: where = 'platform',
  model = 'gpt-5-mini',
  allowed = 'All',
}: AliasSketch): string {
  const spec = {
    targets: [{ credentialRef: { name: 'openai' }, model }],
    allowedNamespaces: { from: allowed },
  };
  return document('modelgate.dev/v1alpha1', 'ModelAlias', { name, namespace: where }, { spec });
}

/** The README's TrafficPolicy, with more room than any test needs. */
export function generous(): string {
  const limits = [{ name: 'rpm', requests: 1_000_000, per: 'Minute' }];
  const spec = { targetRefs: [{ kind: 'CallerKey', name: 'shop' }], limits };
  return document('modelgate.dev/v1alpha1', 'TrafficPolicy', { name: 'shop', namespace: 'shop' }, { spec });
}

function document(apiVersion: string, kind: string, metadata: object, rest: object): string {
  return JSON.stringify({ apiVersion, kind, metadata, ...rest });
}
