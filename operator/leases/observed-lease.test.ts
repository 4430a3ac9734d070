import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ObservedLease } from './observed-lease.ts';

const lease = (renewTime: string, holderIdentity = 'a') => ({
  holderIdentity,
  renewTime,
  leaseDurationSeconds: 15,
});

test('it is alive for its duration after it was last seen renewed, by our clock', () => {
  const observed = new ObservedLease();
  assert.equal(observed.isAlive(0), false, 'not seen yet');
  // Another machine's clock may be anywhere.
  observed.observe(lease('1999-01-01T00:00:00Z'), 1_000);
  assert.equal(observed.isAlive(15_999), true);
  assert.equal(observed.isAlive(16_000), false);
});

test('to be seen again without a renewal does not prolong it; a renewal or another holder does', () => {
  const observed = new ObservedLease();
  observed.observe(lease('t1'), 0);
  observed.observe(lease('t1'), 10_000);
  assert.equal(observed.isAlive(15_000), false);
  observed.observe(lease('t2'), 20_000);
  assert.equal(observed.isAlive(34_000), true);
  observed.observe(lease('t2', 'b'), 34_000);
  assert.equal(observed.isAlive(48_000), true);
});

test('given back, it is dead at once', () => {
  const observed = new ObservedLease();
  observed.observe(lease('t1'), 0);
  observed.observe(lease('t1', ''), 1);
  assert.equal(observed.isAlive(2), false);
});
