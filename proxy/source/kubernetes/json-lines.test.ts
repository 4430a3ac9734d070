import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonLines } from './json-lines.ts';

async function* pieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  let from = 0;
  for (const cut of cuts.toSorted((a, b) => a - b)) {
    yield bytes.subarray(from, cut);
    from = cut;
  }
  yield bytes.subarray(from);
}

async function all(values: AsyncIterable<unknown>): Promise<unknown[]> {
  const list: unknown[] = [];
  for await (const value of values) list.push(value);
  return list;
}

test('lines come out as they went in, however they are cut', async () => {
  const values = fc.array(fc.jsonValue({ stringUnit: 'binary' }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(values, fc.array(fc.nat()), async (lines, places) => {
      const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      const cuts = places.map((place) => place % (bytes.length + 1));
      const read = await all(jsonLines(pieces(bytes, cuts)));
      assert.deepEqual(JSON.stringify(read), JSON.stringify(lines));
    }),
  );
});

test('a stream that ends inside a line has lost something', async () => {
  const read: unknown[] = [];
  await assert.rejects(async () => {
    for await (const value of jsonLines(pieces(Buffer.from('{"a":1}\n{"b":'), [3]))) read.push(value);
  }, /ended inside a line/);
  assert.deepEqual(read, [{ a: 1 }]);
});

test('what is not JSON is an error', async () => {
  await assert.rejects(all(jsonLines(pieces(Buffer.from('<html>\n'), []))), SyntaxError);
});
