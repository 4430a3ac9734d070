import { API_VERSION } from '../../../core/resources/kinds.ts';

/** A resource as a file would hold it. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string };
  spec: object;
}

export interface TargetOf {
  model: string;
  priority?: number;
}

function manifest(kind: string, name: string, spec: object): Manifest {
  return { apiVersion: API_VERSION, kind, metadata: { name, namespace: 'default' }, spec };
}

export function credentialOf(name: string, spec: object): Manifest {
  return manifest('ProviderCredential', name, spec);
}

/** @param alias what applications send */
export function aliasOf(
  name: string,
  alias: string,
  credential: string,
  targets: readonly TargetOf[],
): Manifest {
  const credentialRef = { name: credential };
  return manifest('ModelAlias', name, {
    alias,
    targets: targets.map((target) => ({ credentialRef, ...target })),
  });
}

/** Everything that the account or server has, below its name: `groq/*`. */
export function everythingOf(name: string): Manifest {
  return aliasOf(`${name}-all`, `${name}/*`, name, [{ model: '*' }]);
}

/** A key that may call everything; the gateway makes it. */
export function localKey(): Manifest {
  return manifest('CallerKey', 'local', { generate: { secretName: 'local-modelgate' }, aliases: ['*'] });
}
