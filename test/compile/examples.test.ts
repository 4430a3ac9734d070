import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { compileYaml } from '../gateway/compile-yaml.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'examples');

describe('examples are in order; all they wait for is keys that are still to be generated', () => {
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))) {
    test(file, () => {
      const { statuses } = compileYaml(readFileSync(join(FOLDER, file), 'utf8'));
      const wrong = statuses.flatMap(({ conditions }) =>
        conditions.filter(({ status }) => status === 'False'),
      );
      const unexpected = wrong.filter(({ message }) => !message.startsWith('spec.generate.secretName: '));
      assert.deepEqual(unexpected, []);
    });
  }
});
