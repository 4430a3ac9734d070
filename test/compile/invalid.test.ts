import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { load } from 'js-yaml';
import * as z from 'zod';
import { compileYaml, type Compiled } from '../gateway/compile-yaml.ts';

/** What the first document of an example says will be found in the others; `served`: in the config all the same. */
const Header = z.strictObject({
  expect: z
    .array(
      z.strictObject({
        object: z.string(),
        condition: z.enum(['Accepted', 'ResolvedRefs']),
        reason: z.string(),
        message: z.string(),
        served: z.literal(true).optional(),
      }),
    )
    .min(1),
});

const FOLDER = join(import.meta.dirname, 'invalid');

describe('each mistake is answered with its reason and its mend, and with nothing else', () => {
  for (const file of readdirSync(FOLDER)) {
    test(file, () => {
      const [header, resources] = readFileSync(join(FOLDER, file), 'utf8').split(/^---\n([^]*)/m);
      const { expect } = Header.parse(load(header!));
      assert.deepEqual(mistakes(compileYaml(resources!)), expect);
    });
  }
});

/** Aliases that serve: one without targets is there only to say so. */
function withTargets({ aliases }: Compiled['config']): object {
  return Object.fromEntries(Object.entries(aliases).filter(([, { targets }]) => targets.length > 0));
}

function mistakes({ config, statuses }: Compiled): z.output<typeof Header>['expect'] {
  const served = new Map<string, object>([
    ['ProviderCredential', config.credentials],
    ['ModelAlias', withTargets(config)],
    ['CallerKey', config.callers],
    ['TrafficPolicy', config.policies],
  ]);
  return statuses.flatMap(({ kind, namespace, name, conditions }) =>
    conditions
      .filter(({ status }) => status === 'False')
      .map(({ type, reason, message }) => ({
        object: `${kind} ${namespace}/${name}`,
        condition: type as 'Accepted' | 'ResolvedRefs',
        reason,
        message,
        ...(Object.hasOwn(served.get(kind) ?? {}, `${namespace}/${name}`) && { served: true as const }),
      })),
  );
}
