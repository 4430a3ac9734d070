import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleOf } from './json-schema.ts';

test('a value for every kind of schema', () => {
  const cases: [Record<string, unknown>, unknown][] = [
    [{ type: 'string' }, 'text'],
    [{ type: ['string', 'null'] }, 'text'],
    [{ type: 'string', format: 'date' }, '2025-01-01'],
    [{ type: 'string', maxLength: 2 }, 'te'],
    [{ type: 'string', minLength: 6 }, 'text..'],
    [{ const: 7 }, 7],
    [{ enum: ['b', 'a'] }, 'b'],
    [{ type: 'integer' }, 1],
    [{ type: 'integer', minimum: 5 }, 5],
    [{ type: 'integer', exclusiveMinimum: 5 }, 6],
    [{ type: 'integer', exclusiveMaximum: 0 }, -1],
    [{ type: 'number', maximum: 0.5 }, 0.5],
    [{ type: 'integer', minimum: 7, multipleOf: 5 }, 10],
    [{ type: 'boolean' }, true],
    [{ type: 'null' }, null],
    [{ type: 'array', items: { type: 'integer' }, minItems: 2 }, [1, 1]],
    [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, 1],
    [
      { allOf: [{ properties: { a: { type: 'integer' } } }, { properties: { b: { type: 'null' } } }] },
      { a: 1, b: null },
    ],
    [{ properties: { city: {} } }, { city: 'Paris' }],
    [{}, 'text'],
  ];
  for (const [schema, expected] of cases) {
    assert.deepEqual(exampleOf(schema, 'text'), expected, JSON.stringify(schema));
  }
});

test('references are followed, and a schema that contains itself comes to an end', () => {
  const node = {
    type: 'object',
    properties: {
      value: { type: 'integer' },
      next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
      children: { type: 'array', items: { $ref: '#' } },
    },
    required: ['value', 'next', 'children'],
  };
  const value = JSON.stringify(exampleOf({ ...node, $defs: { node } }, 'text'));
  assert.match(value, /"next":null/);
  const endless = { type: 'object', properties: { me: { $ref: '#' } }, required: ['me'] };
  assert.ok(JSON.stringify(exampleOf(endless, 'text')).length < 1_000);
});
