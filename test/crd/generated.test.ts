import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { generatedFiles } from '../../scripts/generate/files.ts';

const root = new URL('../../', import.meta.url);
const files = generatedFiles();

for (const [path, text] of files) {
  test(`${path} is what npm run generate writes`, () => {
    assert.ok(readFileSync(new URL(path, root), 'utf8') === text, `${path} is stale: npm run generate`);
  });
}

test('crds holds nothing else', () => {
  const paths = readdirSync(new URL('crds/', root)).map((file) => `crds/${file}`);
  assert.deepEqual(
    paths.filter((path) => !files.has(path)),
    [],
  );
});
