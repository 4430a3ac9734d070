import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leastBusy } from './least-busy.ts';

const loads = [{ inFlight: 2 }, { inFlight: 1 }, { inFlight: 1 }];
const picker = leastBusy.picker(loads.map((load) => ({ weight: 1, load })));

test('the fewest in flight, of several the one listed first, as they are at the time', () => {
  assert.equal(
    picker.pick(() => true),
    1,
  );
  loads[0]!.inFlight = 0;
  assert.equal(
    picker.pick(() => true),
    0,
  );
});

test('only eligible targets are picked, and none when none is', () => {
  assert.equal(
    picker.pick((i) => i === 2),
    2,
  );
  assert.equal(
    picker.pick(() => false),
    -1,
  );
});
