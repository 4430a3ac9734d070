import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import * as yaml from 'js-yaml';
import type { StructuralSchema } from '../../core/resources/crd.ts';

// The API server's own rules for a structural schema, as far as they go without one, and our own on top.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema

const folder = new URL('../../crds/', import.meta.url);

interface Crd {
  metadata: { name: string };
  spec: {
    group: string;
    scope: string;
    names: Record<string, string | string[]>;
    versions: {
      subresources: object;
      additionalPrinterColumns: { name: string; jsonPath: string }[];
      schema: { openAPIV3Schema: StructuralSchema };
    }[];
  };
}

const crds = readdirSync(folder).map((file) => {
  const crd = yaml.load(readFileSync(new URL(file, folder), 'utf8')) as Crd;
  return { file, crd, version: crd.spec.versions[0]! };
});

type Fault = (schema: StructuralSchema, path: string) => string | false | undefined;

const FORBIDDEN = [
  '$ref',
  'oneOf',
  'anyOf',
  'allOf',
  'not',
  'propertyNames',
  'default',
  'uniqueItems',
  'exclusiveMinimum',
];
const TYPES = ['object', 'array', 'string', 'integer', 'boolean'];

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const FAULTS: Readonly<Record<string, Fault>> = {
  // A default in spec is a difference to what is in Git: Argo CD would show OutOfSync for ever.
  'has no keyword that is not structural or that we do without': (schema, path) =>
    FORBIDDEN.find((keyword) => keyword in schema && !(keyword === 'default' && path === '.status')),
  'has a type, or takes any JSON': (schema) =>
    schema['x-kubernetes-preserve-unknown-fields'] === true
      ? schema.type !== undefined && 'type'
      : !TYPES.includes(schema.type ?? '') && 'type',
  // What `kubectl explain` prints; it does not show scalar entries of a list apart from the list.
  'has a description': (schema, path) =>
    path !== '.metadata' &&
    !(path.endsWith('[]') && schema.type !== 'object') &&
    (schema.description ?? '').length < 10 &&
    'description',
  'has either properties or additionalProperties': (schema) =>
    schema.properties !== undefined && schema.additionalProperties !== undefined && 'both',
  'says what a list holds': (schema) => (schema.type === 'array') !== (schema.items !== undefined) && 'items',
  'bounds strings': (schema) =>
    schema.type === 'string' &&
    schema['enum'] === undefined &&
    schema['maxLength'] === undefined &&
    'maxLength',
  'bounds lists': (schema) => schema.type === 'array' && schema['maxItems'] === undefined && 'maxItems',
  'bounds maps': (schema) =>
    schema.additionalProperties !== undefined && schema['maxProperties'] === undefined && 'max',
  'bounds integers': (schema) =>
    schema.type === 'integer' &&
    (schema['minimum'] === undefined || schema['maximum'] === undefined || schema.format === undefined) &&
    'minimum, maximum, format',
  'says how a list is merged': (schema) =>
    schema.type === 'array' &&
    !['set', 'map', 'atomic'].includes(String(schema['x-kubernetes-list-type'])) &&
    'list-type',
  'has sets of scalars only': (schema) =>
    schema['x-kubernetes-list-type'] === 'set' &&
    ['object', 'array'].includes(schema.items?.type ?? '') &&
    'set',
  'requires the keys of a list-map': (schema) =>
    list(schema['x-kubernetes-list-map-keys']).find(
      (key) => !schema.items?.required?.includes(String(key)),
    ) as string,
  'requires only what it has': (schema) =>
    schema.required?.find((name) => !(name in (schema.properties ?? {}))),
  // kubectl reads YAML 1.1, where a bare `on` is true: it would arrive as a field called "true".
  'has no field that YAML 1.1 takes for a boolean': (schema) =>
    Object.keys(schema.properties ?? {}).find((name) => /^(y|n|yes|no|on|off|true|false)$/i.test(name)),
  'says what a broken rule means': (schema) =>
    list(schema['x-kubernetes-validations']).some((rule) => !(rule as { message?: string }).message) &&
    'message',
  'points at members that exist': (schema) =>
    list(schema['x-kubernetes-validations'])
      .map((rule) => (rule as { fieldPath?: string }).fieldPath?.slice(1))
      .find((name) => name !== undefined && !(name in (schema.properties ?? {}))),
  'has patterns that RE2 knows': (schema) =>
    /\(\?[=!<]|\\\\[1-9]/.exec(JSON.stringify(schema['pattern'] ?? ''))?.[0],
  'has words in CamelCase, or HTTP statuses': (schema) =>
    list(schema['enum']).find(
      (word) => typeof word === 'string' && !/^([A-Z][A-Za-z]*|[1-5]\d\d|5xx)$/.test(word),
    ) as string,
};

function walk(
  schema: StructuralSchema,
  path: string,
  visit: (schema: StructuralSchema, path: string) => void,
): void {
  visit(schema, path);
  for (const [name, child] of Object.entries(schema.properties ?? {})) walk(child, `${path}.${name}`, visit);
  if (schema.items) walk(schema.items, `${path}[]`, visit);
  if (schema.additionalProperties) walk(schema.additionalProperties, `${path}.*`, visit);
}

for (const [name, fault] of Object.entries(FAULTS)) {
  test(`every schema ${name}`, () => {
    const found: string[] = [];
    for (const { file, version } of crds) {
      walk(version.schema.openAPIV3Schema, '', (schema, path) => {
        const wrong = fault(schema, path);
        if (wrong !== undefined && wrong !== false) found.push(`${file} ${path}: ${wrong}`);
      });
    }
    assert.deepEqual(found, []);
  });
}

test('there is one CRD a kind, with names, columns and a status of its own', () => {
  assert.deepEqual(
    crds.map(({ crd }) => [crd.metadata.name, crd.spec.names['shortNames']]),
    [
      ['callerkeys.modelgate.dev', ['ckey']],
      ['modelaliases.modelgate.dev', ['malias']],
      ['providercredentials.modelgate.dev', ['pcred']],
      ['trafficpolicies.modelgate.dev', ['tpol']],
    ],
  );
  for (const { crd, version } of crds) {
    assert.equal(crd.spec.scope, 'Namespaced');
    assert.deepEqual(crd.spec.names['categories'], ['modelgate', 'ai-gateway']);
    assert.deepEqual(version.subresources, { status: {} });
    const columns = version.additionalPrinterColumns.map((column) => column.name);
    assert.equal(columns[0], 'Ready');
    assert.deepEqual(columns.slice(-3), ['Reason', 'Message', 'Age']);
  }
});

test('metadata says nothing but its type: the API server refuses more', () => {
  for (const { version } of crds) {
    assert.deepEqual(version.schema.openAPIV3Schema.properties?.['metadata'], { type: 'object' });
  }
});

test('conditions are merged by type, and have all that Kubernetes wants of them', () => {
  for (const { version } of crds) {
    const conditions = version.schema.openAPIV3Schema.properties?.['status']?.properties?.['conditions'];
    assert.deepEqual(conditions?.['x-kubernetes-list-map-keys'], ['type']);
    assert.deepEqual(conditions?.items?.required?.toSorted(), [
      'lastTransitionTime',
      'message',
      'reason',
      'status',
      'type',
    ]);
  }
});
