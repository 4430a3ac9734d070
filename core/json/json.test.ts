import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { editObject } from './edit.ts';
import { JsonError, scanObject } from './scan.ts';

const scan = (text: string) => scanObject(Buffer.from(text));

test('every member of any object is found with the bytes of its value', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.nat(3), (object, indent) => {
      const text = JSON.stringify(object, null, indent);
      const bytes = Buffer.from(text);
      const found = scanObject(bytes).map((m) => [
        m.key,
        JSON.parse(bytes.toString('utf8', m.valueStart, m.end)) as unknown,
      ]);
      assert.deepEqual(found, Object.entries(JSON.parse(text) as object));
    }),
  );
});

test('text that is cut anywhere is refused', () => {
  const text = '{"model":"a\\"b","list":[1,{"x":[]},"é"],"n":-1.5e3,"t":true}';
  const bytes = Buffer.from(text);
  scanObject(bytes);
  for (let i = 0; i < bytes.length; i++) {
    assert.throws(() => scanObject(bytes.subarray(0, i)), JsonError, `cut at ${i}`);
  }
});

test('malformed structure is refused with its place', () => {
  const cases: [string, RegExp][] = [
    ['', /expected a JSON object at byte 0/],
    ['[]', /expected a JSON object/],
    ['"x"', /expected a JSON object/],
    ['{"a":1,}', /expected '"'/],
    ['{"a" 1}', /expected ":"/],
    ['{"a":1 "b":2}', /expected "," or "}" at byte 7/],
    ['{"a":[1,]}', /expected a value/],
    ['{"a":[1}}', /expected "," or "]"/],
    ['{"a":{"b":1]}', /expected "," or "}"/],
    ['{"a":{,}}', /expected '"'/],
    ['{"a":nul}', /expected a value/],
    ['{"a":undefined}', /expected a value/],
    ['{"a":1}{"b":2}', /unexpected text behind the object/],
    ['{"a":"x}', /unterminated string/],
    ['{"a\\q":1}', /malformed escape/],
  ];
  for (const [text, message] of cases) assert.throws(() => scan(text), message, text);
});

test('depth 64 is accepted, 65 and 200,000 are refused', () => {
  const nested = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
  scan(nested(64));
  assert.throws(() => scan(nested(65)), /nested deeper than 64/);
  assert.throws(() => scan(`{"a":${'['.repeat(200_000)}`), /nested deeper than 64/);
});

test('a key written with escapes is the same key', () => {
  assert.equal(scan('{"mod\\u0065l":"x"}')[0]?.key, 'model');
});

test('an edit leaves everything else byte for byte: big numbers, order, space', () => {
  const text = '{ "seed": 12345678901234567890, "model" : "chat",\n"x":"\\u00e9" }';
  const bytes = Buffer.from(text);
  const edited = editObject(bytes, scanObject(bytes), new Map([['model', Buffer.from('"gpt"')]]));
  assert.equal(edited.toString(), text.replace('"chat"', '"gpt"'));
});

test('an edit is what the same edit on the parsed object gives', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd');
  const change = fc.option(fc.jsonValue(), { nil: undefined });
  fc.assert(
    fc.property(fc.dictionary(key, fc.jsonValue()), fc.dictionary(key, change), (object, edits) => {
      const bytes = Buffer.from(JSON.stringify(object));
      const changes = new Map(
        Object.entries(edits).map(([k, v]) => [k, v === undefined ? v : Buffer.from(JSON.stringify(v))]),
      );
      const edited = JSON.parse(editObject(bytes, scanObject(bytes), changes).toString()) as object;
      const expected = JSON.parse(JSON.stringify({ ...object, ...edits })) as object;
      assert.deepEqual(edited, expected);
    }),
  );
});
