import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Programming } from './programming.ts';

const seen = (generation: number, included = true, wasSettled = false) => ({
  generation,
  included,
  wasSettled: () => wasSettled,
});

function published(...revisions: string[]): Programming {
  const programming = new Programming();
  for (const revision of revisions) programming.published(revision);
  return programming;
}

test('an object is settled when every proxy serves a revision that holds its form', () => {
  const programming = published('r1');
  programming.track('a', seen(1));
  programming.serve(['r1', undefined]);
  assert.deepEqual(programming.of('a'), {
    included: true,
    ready: 2,
    programmed: 1,
    revision: 'r1',
    settled: false,
  });
  programming.serve(['r1', 'r1']);
  assert.equal(programming.of('a')!.settled, true);
  assert.deepEqual([...programming.unsettled()], []);
});

test('a later revision holds it too; an earlier or unknown one does not', () => {
  const programming = published('r1', 'r2');
  programming.track('a', seen(1));
  programming.published('r3');
  for (const [revision, programmed] of [
    ['r1', 0],
    ['of another time', 0],
    ['r2', 1],
    ['r3', 1],
  ] as const) {
    programming.serve([revision, undefined]);
    assert.equal(programming.of('a')!.programmed, programmed, revision);
  }
});

test('what comes back to an old revision has to be published again', () => {
  const programming = published('r1', 'r2');
  programming.serve(['r1']);
  programming.track('a', seen(1));
  programming.published('r1');
  assert.equal(
    programming.of('a')!.programmed,
    1,
    'r1 is now newer than r2, and equal to what the proxy serves',
  );
});

test('a new generation is a new form, and so is one that comes into the configuration', () => {
  const programming = published('r1');
  programming.serve(['r1']);
  assert.equal(programming.track('a', seen(1)), true);
  assert.equal(programming.of('a')!.settled, true);
  assert.equal(programming.track('a', seen(1)), false);
  programming.published('r2');
  assert.equal(programming.track('a', seen(2)), true);
  assert.equal(programming.of('a')!.settled, false);
  assert.equal(programming.track('a', seen(2, false)), true);
  assert.deepEqual([...programming.unsettled()], [], 'what is left out waits for nobody');
  assert.equal(programming.track('a', seen(2)), true);
  assert.deepEqual([...programming.unsettled()], ['a']);
});

test('once settled it stays so, whatever proxies come; unless none is left', () => {
  const programming = published('r1');
  programming.serve(['r1']);
  programming.track('a', seen(1));
  programming.serve(['r1', undefined]);
  assert.equal(programming.of('a')!.settled, true);
  programming.serve([]);
  assert.equal(programming.of('a')!.settled, true, 'perhaps it only restarts');
  programming.unsettle();
  assert.deepEqual([...programming.unsettled()], ['a']);
  programming.serve(['r1']);
  assert.equal(programming.of('a')!.settled, true);
});

test('whoever begins to lead believes what statuses say, once', () => {
  const programming = published('r1');
  programming.restart('r1');
  programming.track('a', seen(3, true, true));
  programming.track('b', seen(3, true, false));
  assert.deepEqual([...programming.unsettled()], ['b']);
});

test('publications are counted, and never fewer than before', () => {
  const programming = published('r1', 'r2');
  programming.published('r2');
  assert.equal(programming.publication, 2);
  assert.equal(programming.everywhere, Infinity, 'without proxies nobody is behind');
  programming.serve(['r2', 'r1']);
  assert.equal(programming.everywhere, 1);
  programming.restart('r2');
  assert.equal(programming.publication, 3);
});

test('revisions of long ago count as behind everything', () => {
  const programming = new Programming();
  for (let i = 0; i < 1_500; i++) programming.published(`r${i}`);
  programming.track('a', seen(1));
  programming.serve(['r1', 'r1499']);
  assert.equal(programming.of('a')!.programmed, 1);
});
