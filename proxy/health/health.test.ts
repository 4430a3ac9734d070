import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS } from '../../core/policy/effective.ts';
import { Breaker } from './breaker.ts';
import { KeyRing } from './key-ring.ts';
import { RetryBudget } from './retry-budget.ts';

const settings = { ...DEFAULTS.circuitBreaker, failures: 3, window: 1_000, openFor: 100, maxOpenFor: 300 };

function opened(): Breaker {
  const breaker = new Breaker();
  for (let i = 0; i < 3; i++) breaker.failure(0, settings);
  return breaker;
}

test('a breaker opens at its number of failures in a row within the window', () => {
  const breaker = new Breaker();
  breaker.failure(0, settings);
  breaker.failure(1, settings);
  breaker.success();
  breaker.failure(2, settings);
  breaker.failure(3, settings);
  assert.equal(breaker.available(4), true);
  breaker.failure(2_000, settings);
  assert.equal(breaker.available(2_000), true, 'the window of the first two has passed');
  breaker.failure(2_001, settings);
  breaker.failure(2_002, settings);
  assert.equal(breaker.available(2_002), false);
  assert.equal(breaker.openUntil, 2_102);
});

test('half open admits one request at a time; a failure opens it for twice as long, up to the maximum', () => {
  const breaker = opened();
  assert.equal(breaker.available(99), false);
  assert.equal(breaker.available(100), true);
  breaker.enter();
  assert.equal(breaker.available(100), false, 'one probe is under way');
  breaker.failure(100, settings);
  assert.equal(breaker.openUntil, 300);
  for (const until of [600, 900]) {
    breaker.enter();
    breaker.failure(until - 300, settings);
    assert.equal(breaker.openUntil, until);
  }
});

test('a probe that is answered closes the breaker; one whose caller left decides nothing', () => {
  const breaker = opened();
  breaker.enter();
  breaker.abandoned();
  assert.equal(breaker.available(100), true);
  breaker.enter();
  breaker.answered();
  assert.equal(breaker.available(101), true);
  assert.equal(breaker.state, 'Closed');
});

test('requests that were sent before it opened change nothing when they end', () => {
  const breaker = opened();
  for (let i = 0; i < 30; i++) breaker.failure(1, settings);
  assert.equal(breaker.openUntil, 100, 'failures make the rest no longer');
  breaker.answered();
  assert.equal(breaker.available(50), false, 'and an answer does not end it');
});

test('a request that is sent while it rests starts the rest anew, not a longer one', () => {
  const breaker = opened();
  breaker.enter();
  breaker.failure(50, settings);
  assert.equal(breaker.openUntil, 150);
});

test('retry-after opens at once, for as long as asked but never beyond the maximum', () => {
  const breaker = new Breaker();
  breaker.failure(0, settings, 250);
  assert.equal(breaker.openUntil, 250);
  const greedy = new Breaker();
  greedy.failure(0, settings, 1_000_000);
  assert.equal(greedy.openUntil, 300);
});

test('retries are a share of the requests of the last ten seconds, with a minimum', () => {
  const budget = new RetryBudget();
  let retried = 0;
  for (let i = 0; i < 1_000; i++) {
    budget.request(i * 5);
    if (budget.take(i * 5, 20)) retried++;
  }
  assert.ok(retried >= 190 && retried <= 200, `${retried} of 1,000`);
  assert.equal(budget.take(5_000, 20), false);
  assert.equal(budget.take(16_000, 20), true, 'a quiet gateway may retry again');
  assert.equal(budget.take(16_000, 0), false, 'unless there are to be no retries');
});

test('keys are used in turn, a resting one is passed over', () => {
  const ring = new KeyRing(['a', 'b', 'c']);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => ring.take(0)),
    ['a', 'b', 'c', 'a'],
  );
  assert.equal(ring.rest('b', 100, 0), true);
  assert.deepEqual(
    [1, 2, 3].map(() => ring.take(50)),
    ['c', 'a', 'c'],
  );
  ring.rest('a', 300, 50);
  assert.equal(ring.rest('c', 200, 50), false, 'none is left');
  assert.equal(ring.take(60), 'b', 'the one that is back first');
  assert.equal(new KeyRing([]).take(0), undefined);
});
