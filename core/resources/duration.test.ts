import assert from 'node:assert/strict';
import test from 'node:test';
import { durationMs } from './duration.ts';

const DURATIONS = {
  '0s': 0,
  '250ms': 250,
  '0.07m': 4200,
  '1.5s': 1500,
  '5s': 5000,
  '1m30s': 90_000,
  '720h': 2_592_000_000,
  '1h2m3s4ms': 3_723_004,
};

for (const [text, ms] of Object.entries(DURATIONS)) {
  test(`${text} is ${ms} ms`, () => assert.equal(durationMs(text), ms));
}
