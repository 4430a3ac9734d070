import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accessTable, intersect, lookUp, matches, wildcardPart } from './match.ts';

test('an exact name wins over a wildcard, the longest wildcard over a shorter one', () => {
  const table = accessTable([
    { match: '*', alias: 'all' },
    { match: 'team/*', alias: 'team' },
    { match: 'team/a*', alias: 'team-a' },
    { match: 'team/abc', alias: 'abc' },
  ]);
  assert.equal(lookUp(table, 'team/abc'), 'abc');
  assert.equal(lookUp(table, 'team/abcd'), 'team-a');
  assert.equal(lookUp(table, 'team/x'), 'team');
  assert.equal(lookUp(table, 'other'), 'all');
});

test('names of object members are just names', () => {
  const table = accessTable([{ match: 'chat', alias: 'a' }]);
  for (const name of ['__proto__', 'constructor', 'toString', ''])
    assert.equal(lookUp(table, name), undefined);
});

test('the part that the * stands for', () => {
  assert.equal(wildcardPart('team/*', 'team/x/y'), 'x/y');
  assert.equal(wildcardPart('chat', 'chat'), '');
});

test('a name is in the intersection of two patterns exactly when both match it', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 4 });
  const pattern = fc.tuple(name, fc.boolean()).map(([text, wild]) => (wild ? `${text}*` : text));
  fc.assert(
    fc.property(pattern, pattern, name, (a, b, n) => {
      const both = intersect(a, b);
      assert.equal(both !== undefined && matches(both, n), matches(a, n) && matches(b, n));
    }),
  );
});
