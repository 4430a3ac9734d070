import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compact } from './compact.ts';

const compacted = (text: string): string => compact(Buffer.from(text)).toString();

test('white space between tokens goes, within strings it stays', () => {
  assert.equal(compacted(' { "a b" : [ 1 ,\n\t"x \\" y" , "\\\\" ] }\r\n'), '{"a b":[1,"x \\" y","\\\\"]}');
});

test('what has none is the same buffer', () => {
  const bytes = Buffer.from('{"a":[1,"b c"]}');
  assert.equal(compact(bytes), bytes);
});

test('any value, written with any indentation, is what JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom('', ' ', '\t', '\n  '), (value, indent) => {
      assert.equal(compacted(JSON.stringify(value, undefined, indent)), JSON.stringify(value));
    }),
  );
});

test('a string that never ends is left as it is', () => {
  assert.equal(compacted('[ "a b '), '["a b ');
});
