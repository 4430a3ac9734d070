import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskOutcome } from '../task.ts';
import { outcomeChanges } from './outcome-changes.ts';

const outcome = (): TaskOutcome => ({
  fields: new Map([
    ['a', { prefix: 'mg-1', expiresAt: undefined }],
    ['b', { prefix: 'mg-2' }],
  ]),
  problems: new Map([['c', { reason: 'SecretInvalid', message: 'no' }]]),
  underWay: new Set(['d']),
});

const changes = (change: Partial<TaskOutcome>): string[] =>
  [...outcomeChanges(outcome(), { ...outcome(), ...change })].toSorted();

test('two that say the same differ in nothing', () => {
  assert.deepEqual(changes({}), []);
});

test('whatever is said otherwise, more or no longer is a change', () => {
  assert.deepEqual(changes({ fields: new Map([['b', { prefix: 'mg-3' }]]) }), ['a', 'b']);
  assert.deepEqual(
    changes({ problems: new Map([['c', { reason: 'SecretInvalid', message: 'still no' }]]) }),
    ['c'],
  );
  assert.deepEqual(changes({ problems: new Map() }), ['c']);
  assert.deepEqual(changes({ underWay: new Set(['e']) }), ['d', 'e']);
  assert.deepEqual([...outcomeChanges({}, outcome())].toSorted(), ['a', 'b', 'c', 'd']);
});
