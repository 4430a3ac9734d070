import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition } from '../../core/resources/conditions.ts';
import type { StatusBody } from '../watch/stored-status.ts';
import type { Progress } from './programming.ts';
import { statusBody, type Desired } from './status-body.ts';

const NOON = Date.parse('2026-01-01T12:00:00.789Z');
const LATER = NOON + 60_000;
const settled: Progress = { included: true, ready: 3, programmed: 3, revision: 'r1', settled: true };

const condition = (status: Condition['status'], message = 'so it is'): Condition => ({
  type: 'Programmed',
  status,
  reason: status === 'True' ? 'Programmed' : 'Progressing',
  message,
});

const desired = (change: Partial<Desired> = {}): Desired => ({
  generation: 1,
  conditions: [condition('True')],
  progress: settled,
  fields: {},
  ...change,
});

/** A status as it stands after this was written at noon. */
const stored = (change: Partial<Desired> = {}): StatusBody => statusBody({}, desired(change), NOON)!;

test('a first status has everything, with the time to the second', () => {
  assert.deepEqual(stored(), {
    observedGeneration: 1,
    conditions: [{ ...condition('True'), lastTransitionTime: '2026-01-01T12:00:00Z', observedGeneration: 1 }],
    proxies: { ready: 3, programmed: 3, revision: 'r1' },
  });
});

test('what stands there already is not written again, at whatever time', () => {
  assert.equal(statusBody(stored(), desired(), LATER), undefined);
});

test('the time moves only when the status flips', () => {
  const timeOf = (body: StatusBody | undefined) => body?.conditions?.[0]?.lastTransitionTime;
  const reworded = statusBody(
    stored(),
    desired({ conditions: [condition('True', 'in other words')] }),
    LATER,
  );
  assert.equal(timeOf(reworded), '2026-01-01T12:00:00Z');
  const flipped = statusBody(stored(), desired({ conditions: [condition('False')] }), LATER);
  assert.equal(timeOf(flipped), '2026-01-01T12:01:00Z');
});

test('that one more proxy runs is no news about an object that all of them have', () => {
  const grown = { ...settled, ready: 4, programmed: 3 };
  assert.equal(statusBody(stored(), desired({ progress: grown }), LATER), undefined);
});

test('while proxies load a form, their numbers are news', () => {
  const loading = { ...settled, programmed: 1, settled: false };
  const before = stored({ conditions: [condition('False')], progress: loading });
  const further = desired({ conditions: [condition('False')], progress: { ...loading, programmed: 2 } });
  assert.deepEqual(statusBody(before, further, LATER)?.proxies, { ready: 3, programmed: 2, revision: 'r1' });
});

test('a new generation has the numbers of now', () => {
  const body = statusBody(
    stored(),
    desired({ generation: 2, progress: { ...settled, ready: 4, programmed: 4 } }),
    LATER,
  );
  assert.deepEqual(body?.proxies, { ready: 4, programmed: 4, revision: 'r1' });
  assert.equal(body?.observedGeneration, 2);
});

test('what is left out is programmed nowhere', () => {
  const body = stored({ progress: { ...settled, included: false, settled: false } });
  assert.deepEqual(body.proxies, { ready: 3, programmed: 0 });
});

test('members of one kind stay until a task says what they are, and go when it no longer does', () => {
  const before = stored({ fields: { prefix: 'mg-abc' } });
  assert.equal(statusBody(before, desired({ fields: undefined }), LATER), undefined);
  assert.equal(statusBody(before, desired({ fields: { prefix: 'mg-abc' } }), LATER), undefined);
  assert.equal(statusBody(before, desired({ fields: {} }), LATER)?.['prefix'], undefined);
  assert.equal(statusBody(before, desired({ fields: { prefix: 'mg-xyz' } }), LATER)?.['prefix'], 'mg-xyz');
});
