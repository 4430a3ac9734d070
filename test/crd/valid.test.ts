import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import * as yaml from 'js-yaml';
import { type StructuralSchema, structuralSchema } from '../../core/resources/crd.ts';
import { KINDS, type Resource } from '../../core/resources/kinds.ts';
import { parseResource } from '../../core/resources/parse.ts';

const read = (path: string): Resource[] => {
  const text = readFileSync(new URL(path, import.meta.url), 'utf8');
  return yaml.loadAll(text).map((document) => {
    const parsed = parseResource(document, { strict: true });
    assert.ok(parsed.ok, JSON.stringify(parsed));
    return parsed.resource;
  });
};

test('the example of the reference page is valid', () => {
  assert.equal(read('../../scripts/generate/resources-example.yaml').length, KINDS.length);
});

test('every field of every kind can be set', () => {
  const resources = read('valid/every-field.yaml');
  for (const { kind, spec } of KINDS) {
    const used = new Set(
      resources
        .filter((resource) => resource.kind === kind)
        .flatMap((resource) => pathsOf(resource.spec, 'spec')),
    );
    assert.deepEqual(
      schemaPaths(structuralSchema(spec), 'spec').filter((path) => !used.has(path)),
      [],
      kind,
    );
  }
});

/** Member paths of a value; entries of lists share one path. */
function pathsOf(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    `${path}.${key}`,
    ...pathsOf(item, `${path}.${key}`),
  ]);
}

/** Member paths of a schema; keys of maps are no members. */
function schemaPaths({ properties = {}, items }: StructuralSchema, path: string): string[] {
  const members = Object.entries(properties).flatMap(([name, child]) => [
    `${path}.${name}`,
    ...schemaPaths(child, `${path}.${name}`),
  ]);
  return items ? [...members, ...schemaPaths(items, `${path}[]`)] : members;
}
