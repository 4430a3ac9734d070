import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accessTable, lookUp, matches } from '../access/match.ts';
import { AccessTables, resolveAccess } from './access.ts';
import { NameIndex } from './name-index.ts';

const none = new Map<string, string>();
const index = (...names: string[]): NameIndex => new NameIndex(new Map(names.map((n) => [n, `ns/${n}`])));

test('a plain name is granted by the alias of that name, else by the longest wildcard that covers it', () => {
  const names = index('team/*', 'team/a*', 'team/abc', '*');
  const grants = resolveAccess({ patterns: ['team/abc', 'team/ax', 'other'], pinned: none }, names);
  assert.deepEqual(grants, [
    { match: 'other', alias: 'ns/*' },
    { match: 'team/abc', alias: 'ns/team/abc' },
    { match: 'team/ax', alias: 'ns/team/a*' },
  ]);
});

test('what covers nothing leaves no grant', () => {
  assert.deepEqual(resolveAccess({ patterns: ['chat', 'team/*'], pinned: none }, index('embed')), []);
});

test('a pinned alias takes its name, also where a pattern or a plain name leads to it', () => {
  const pinned = new Map([['team/*', 'platform/team']]);
  const grants = resolveAccess({ patterns: ['*', 'team/x'], pinned }, index('team/*', 'chat'));
  assert.deepEqual(grants, [
    { match: 'chat', alias: 'ns/chat' },
    { match: 'team/*', alias: 'platform/team' },
    { match: 'team/x', alias: 'platform/team' },
  ]);
});

test('a name leads where it would among all visible names if a wish covers it, else nowhere', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 4 });
  const pattern = fc.tuple(text, fc.boolean()).map(([t, wild]) => (wild ? `${t}*` : `${t}.`));
  const name = text.map((t) => `${t}.`);
  fc.assert(
    fc.property(fc.uniqueArray(pattern), fc.uniqueArray(pattern), name, (visible, patterns, model) => {
      const names = index(...visible);
      const all = accessTable(visible.map((match) => ({ match, alias: `ns/${match}` })));
      const table = accessTable(resolveAccess({ patterns, pinned: none }, names));
      const wished = patterns.some((wish) => matches(wish, model));
      assert.equal(lookUp(table, model), wished ? lookUp(all, model) : undefined);
    }),
  );
});

test('equal tables share a key, unequal ones do not', () => {
  const tables = new AccessTables();
  const a = tables.add([{ match: 'chat', alias: 'ns/chat' }]);
  assert.equal(tables.add([{ match: 'chat', alias: 'ns/chat' }]), a);
  assert.notEqual(tables.add([]), a);
  assert.equal(Object.keys(tables.tables).length, 2);
});
