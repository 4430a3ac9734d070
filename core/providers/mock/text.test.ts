import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LOREM, pieces, truncate } from './text.ts';

const anyText = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', 'é', '😀', '\u2028') });

test('pieces put together are the text', () => {
  fc.assert(fc.property(anyText, (text) => pieces(text).join('') === text));
});

test('a long text has a bounded number of pieces, lorem one for each word', () => {
  assert.ok(pieces('word '.repeat(10_000)).length <= 201);
  assert.equal(pieces(LOREM).length, LOREM.split(' ').length);
});

test('truncation never leaves half a character', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 20 }), (text, max) => {
      const cut = truncate(text, max);
      return (
        cut.text.isWellFormed() &&
        cut.text.length <= max * 4 &&
        cut.truncated === cut.text.length < text.length
      );
    }),
  );
});
