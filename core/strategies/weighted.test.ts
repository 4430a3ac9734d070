import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { weighted } from './weighted.ts';

const load = { inFlight: 0 };

function picks(weights: number[], count: number): number[] {
  const picker = weighted.picker(weights.map((weight) => ({ weight, load })));
  return Array.from({ length: count }, () => picker.pick(() => true));
}

test('any run of requests is within one of each exact share', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 500 }), (ws, count) => {
      const total = ws.reduce((a, b) => a + b);
      const seen = picks(ws, count);
      ws.forEach((w, i) => {
        const share = (count * w) / total;
        const got = seen.filter((p) => p === i).length;
        assert.ok(Math.abs(got - share) <= ws.length, `${got} picks for a share of ${share}`);
      });
    }),
  );
});

test('90/10 over 1,000 requests is 900/100', () => {
  const seen = picks([90, 10], 1_000);
  assert.equal(seen.filter((p) => p === 0).length, 900);
});

test('only eligible targets are picked, and none when none is', () => {
  const picker = weighted.picker([
    { weight: 5, load },
    { weight: 1, load },
  ]);
  for (let i = 0; i < 10; i++)
    assert.equal(
      picker.pick((index) => index === 1),
      1,
    );
  assert.equal(
    picker.pick(() => false),
    -1,
  );
});
