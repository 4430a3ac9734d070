import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PERIODS } from '../../core/config/config.ts';
import { MemoryLimits, type Demand } from './memory.ts';
import { windowAt } from './window.ts';

const perMinute = (key: string, max: number): Demand => ({ key, max, per: 'Minute', monitor: false });
const atOnce = (key: string, max: number): Demand => ({ key, max, monitor: false });

test('windows follow the UTC calendar and leave no gap', () => {
  const at = Date.UTC(2026, 1, 28, 23, 59, 59, 999);
  assert.deepEqual(windowAt('Month', at), { start: Date.UTC(2026, 1, 1), end: Date.UTC(2026, 2, 1) });
  assert.deepEqual(windowAt('Day', at), { start: Date.UTC(2026, 1, 28), end: Date.UTC(2026, 2, 1) });
  assert.deepEqual(windowAt('Week', at), { start: Date.UTC(2026, 1, 23), end: Date.UTC(2026, 2, 2) });
  assert.equal(windowAt('Week', Date.UTC(2026, 2, 2)).start, Date.UTC(2026, 2, 2));
  const instant = fc.integer({ min: 0, max: Date.UTC(2100, 0) });
  fc.assert(
    fc.property(fc.constantFrom(...PERIODS), instant, (period, now) => {
      const { start, end } = windowAt(period, now);
      assert.ok(start <= now && now < end);
      assert.equal(windowAt(period, end).start, end);
    }),
  );
});

test('a window refuses beyond its maximum and starts afresh', () => {
  const limits = new MemoryLimits();
  const demands = [perMinute('a', 2)];
  const now = 60_000 * 10;
  assert.equal(limits.reserve(demands, now).standings[0]?.remaining, 1);
  assert.equal(limits.reserve(demands, now + 1).allowed, true);
  const refused = limits.reserve(demands, now + 10_000);
  assert.equal(refused.allowed, false);
  assert.deepEqual(refused.standings[0], {
    demand: demands[0],
    remaining: 0,
    resetIn: 50_000,
    exceeded: true,
  });
  assert.equal(limits.reserve(demands, now + 60_000).allowed, true);
});

test('what one limit refuses is not charged to the others', () => {
  const limits = new MemoryLimits();
  const both = [perMinute('wide', 10), perMinute('narrow', 1)];
  limits.reserve(both, 0);
  for (let i = 0; i < 5; i++) assert.equal(limits.reserve(both, 0).allowed, false);
  assert.equal(limits.reserve([perMinute('wide', 10)], 0).standings[0]?.remaining, 8);
});

test('concurrency goes down with each release', () => {
  const limits = new MemoryLimits();
  const demands = [atOnce('c', 2)];
  limits.reserve(demands, 0);
  limits.reserve(demands, 0);
  assert.equal(limits.reserve(demands, 0).allowed, false);
  limits.release(demands);
  assert.equal(limits.reserve(demands, 0).allowed, true);
  limits.release(demands);
  limits.release(demands);
  limits.sweep(0);
  assert.equal(limits.size, 0);
});

test('a monitored limit counts and never refuses', () => {
  const limits = new MemoryLimits();
  const demands = [{ ...perMinute('m', 1), monitor: true }];
  limits.reserve(demands, 0);
  const second = limits.reserve(demands, 0);
  assert.equal(second.allowed, true);
  assert.equal(second.standings[0]?.exceeded, true);
});

test('passed windows are forgotten', () => {
  const limits = new MemoryLimits();
  limits.reserve([perMinute('a', 1), perMinute('b', 1)], 0);
  limits.sweep(59_999);
  assert.equal(limits.size, 2);
  limits.sweep(60_000);
  assert.equal(limits.size, 0);
});
