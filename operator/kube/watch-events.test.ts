import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { watchEvents, type WatchEvent } from './watch-events.ts';

async function* chunks(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const event = (name: string): WatchEvent => ({
  type: 'MODIFIED',
  object: { apiVersion: 'v1', kind: 'Secret', metadata: { name } },
});

async function read(text: string, sizes: readonly number[]): Promise<string[]> {
  const names: string[] = [];
  for await (const { object } of watchEvents(chunks(Buffer.from(text), sizes)))
    names.push(object.metadata.name);
  return names;
}

test('events come out whole, wherever the bytes are cut', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 });
  const names = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(names, sizes, async (all, cuts) => {
      const text = all.map((name) => `${JSON.stringify(event(name))}\n`).join('');
      assert.deepEqual(await read(text, cuts), all);
    }),
  );
});

test('a last line without its end is dropped', async () => {
  assert.deepEqual(await read(`${JSON.stringify(event('a'))}\n{"type":"MODIFIED","obj`, [7]), ['a']);
});

test('an event of type ERROR is an error', async () => {
  const gone = {
    type: 'ERROR',
    object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' },
  };
  await assert.rejects(read(`${JSON.stringify(gone)}\n`, [64]), { name: 'ApiError', code: 410 });
});
