import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerCache, cacheKey, type KeptAnswer } from './answer-cache.ts';

const HOUR = 3_600_000;
const key = (text: string) => cacheKey(Buffer.from(text));
const answer = (bytes: number): KeptAnswer => ({ contentType: 'a/b', body: Buffer.alloc(bytes) });

test('a hash that two requests share finds neither the answer of the other', () => {
  const cache = new AnswerCache();
  const [one, other] = [key('one'), { ...key('other'), hash: key('one').hash }];
  const kept = answer(1);
  cache.keep(one, kept, 0, HOUR);
  assert.equal(cache.get(other, 1, HOUR), undefined);
  assert.equal(cache.get(one, 1, HOUR), kept);
});

test('an answer lasts as long as the shorter of the times to live, then and now', () => {
  const cache = new AnswerCache();
  cache.keep(key('a'), answer(1), 0, 100);
  assert.ok(cache.get(key('a'), 99, HOUR));
  assert.equal(cache.get(key('a'), 100, HOUR), undefined);
  assert.equal(cache.get(key('a'), 50, 50), undefined);
  cache.sweep(99);
  assert.equal(cache.size, 1);
  cache.sweep(100);
  assert.equal(cache.size, 0);
});

test('the least recently used make room, by bytes', () => {
  const cache = new AnswerCache(64_000);
  for (let i = 0; i < 16; i++) cache.keep(key(`${i}`), answer(3_000), 0, HOUR);
  assert.equal(cache.size, 16);
  assert.ok(cache.get(key('0'), 1, HOUR));
  for (let i = 16; i < 20; i++) cache.keep(key(`${i}`), answer(3_000), 0, HOUR);
  assert.ok(cache.size < 20);
  assert.ok(cache.get(key('0'), 1, HOUR), 'it was used');
  assert.equal(cache.get(key('1'), 1, HOUR), undefined);
  for (let i = 0; i < 10; i++) cache.keep(key('same'), answer(3_000), 0, HOUR);
  assert.ok(cache.get(key('19'), 1, HOUR), 'replacing takes no room');
});

test('what is too large is not kept, nor what was there before it', () => {
  const cache = new AnswerCache(64_000);
  cache.keep(key('a'), answer(10), 0, HOUR);
  cache.keep(key('a'), answer(4_001), 0, HOUR);
  assert.equal(cache.size, 0);
});
