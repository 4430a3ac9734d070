import { hash } from 'node:crypto';
import type { EgressRule } from '../../core/net/egress.ts';
import { compileLoaded, type Compiled } from '../compile-files.ts';
import { generatedKeys } from '../../core/compile/secret-refs.ts';
import { resourceOf } from '../status-problems.ts';
import type { Problem } from '../yaml/problem.ts';
import type { KeyStore, StoredKey } from './key-store.ts';
import type { Source } from './source.ts';

/** A key that was made for a CallerKey which is served. */
export interface ServedKey extends StoredKey {
  /** `namespace/name` of the CallerKey. */
  caller: string;
}

/** What one look at the source came to. */
export interface Configuration extends Compiled {
  keys: readonly ServedKey[];
  /** `Kind/namespace/name` of resources that are not accepted. */
  refused: ReadonlySet<string>;
}

/** Loads, makes the keys that are to be generated, compiles. What a user can get wrong is in the problems. */
export async function readConfiguration(
  source: Source,
  store: KeyStore,
  egress: EgressRule,
): Promise<Configuration> {
  const loaded = await source.load();
  const { secrets, keys, problems } = await addKeys(loaded, store);
  const compiled = compileLoaded(
    { ...loaded, problems: [...loaded.problems, ...problems] },
    { secrets, egress, now: Date.now() },
  );
  const notAccepted = compiled.statuses.filter(({ conditions }) =>
    conditions.some(({ type, status }) => type === 'Accepted' && status === 'False'),
  );
  return {
    ...compiled,
    keys: keys.filter(({ caller, key }) => isServed(compiled, caller, key)),
    refused: new Set(notAccepted.map(resourceOf)),
  };
}

type Loaded = Compiled['loaded'];

async function addKeys(loaded: Loaded, store: KeyStore) {
  const secrets: Record<string, Record<string, string>> = {};
  for (const [id, values] of Object.entries(loaded.secrets)) secrets[id] = { ...values };
  const keys: ServedKey[] = [];
  const problems: Problem[] = [];
  for (const { namespace, name, secret, key } of generatedKeys(loaded.resources)) {
    if (secrets[secret]?.[key] !== undefined) continue;
    const resource = `CallerKey/${namespace}/${name}`;
    try {
      const stored = await store.keyOf(namespace, name);
      keys.push({ ...stored, caller: `${namespace}/${name}` });
      (secrets[secret] ??= {})[key] = stored.key;
    } catch (error) {
      const field = 'spec.generate';
      const place = loaded.where(resource, ['spec', 'generate']);
      problems.push({ ...place, resource, field, message: (error as Error).message });
    }
  }
  return { secrets, keys, problems };
}

function isServed({ config }: Compiled, caller: string, key: string): boolean {
  const sha256 = hash('sha256', key, 'hex');
  return config.callers[caller]?.keys.some((known) => known.sha256 === sha256) ?? false;
}
