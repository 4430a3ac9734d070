import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition, Reason } from '../../core/resources/conditions.ts';
import { REASONS } from '../../core/resources/conditions.ts';
import { conditionsOf, type Findings } from './conditions.ts';
import type { Progress } from './programming.ts';

const condition = (type: Condition['type'], status: Condition['status'], reason: Reason): Condition => ({
  type,
  status,
  reason,
  message: `${type} is ${status}`,
});

const accepted = condition('Accepted', 'True', 'Accepted');
const resolved = condition('ResolvedRefs', 'True', 'ResolvedRefs');
const settled: Progress = { included: true, ready: 1, programmed: 1, revision: 'r', settled: true };
const loading: Progress = { ...settled, programmed: 0, settled: false };
const nobody: Progress = { ...loading, ready: 0 };
const leftOut: Progress = { ...loading, included: false };

const refused = [condition('Accepted', 'False', 'Invalid'), condition('ResolvedRefs', 'Unknown', 'Pending')];
const dangling = [accepted, condition('ResolvedRefs', 'False', 'SecretNotFound')];

const cases: Record<string, [Partial<Findings>, string]> = {
  'all is well': [
    { progress: settled },
    'Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs Programmed=True/Programmed Ready=True/Ready',
  ],
  'proxies are loading it': [
    { progress: loading },
    'Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs Programmed=False/Progressing Ready=False/NotReady Reconciling=True/Progressing',
  ],
  'no proxy runs': [
    { progress: nobody },
    'Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs Programmed=False/NoProxies Ready=False/NotReady',
  ],
  'it is refused': [
    { compiled: refused, progress: leftOut },
    'Accepted=False/Invalid ResolvedRefs=Unknown/Pending Programmed=False/LeftOut Ready=False/NotReady Stalled=True/Invalid',
  ],
  'a reference leads nowhere, and it is left out': [
    { compiled: dangling, progress: leftOut },
    'Accepted=True/Accepted ResolvedRefs=False/SecretNotFound Programmed=False/LeftOut Ready=False/NotReady Stalled=True/SecretNotFound',
  ],
  'one of several references leads nowhere': [
    { compiled: dangling, progress: settled },
    'Accepted=True/Accepted ResolvedRefs=False/SecretNotFound Programmed=True/Programmed Ready=False/NotReady Stalled=True/SecretNotFound',
  ],
  'what it refers to is being made': [
    { compiled: dangling, progress: leftOut, underWay: true },
    'Accepted=True/Accepted ResolvedRefs=False/SecretNotFound Programmed=False/LeftOut Ready=False/NotReady Reconciling=True/Progressing',
  ],
  'it is refused, and an earlier form serves': [
    { compiled: refused, progress: leftOut, lastGood: true },
    'Accepted=False/Invalid ResolvedRefs=Unknown/Pending Programmed=False/LastGoodInUse Ready=False/NotReady Stalled=True/Invalid',
  ],
  'it wants to be refused': [
    { compiled: [accepted, resolved, condition('Ready', 'False', 'Disabled')], progress: settled },
    'Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs Programmed=True/Programmed Ready=False/Disabled',
  ],
  'a task has a problem with it': [
    { progress: settled, problem: { reason: 'SecretInvalid', message: 'no' } },
    'Accepted=True/Accepted ResolvedRefs=False/SecretInvalid Programmed=True/Programmed Ready=False/NotReady Stalled=True/SecretInvalid',
  ],
};

for (const [what, [findings, expected]] of Object.entries(cases)) {
  test(`${what}: ${expected}`, () => {
    const conditions = conditionsOf({
      compiled: [accepted, resolved],
      progress: settled,
      problem: undefined,
      lastGood: false,
      underWay: false,
      ...findings,
    });
    const text = conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`).join(' ');
    assert.equal(text, expected);
    for (const { reason, message } of conditions) assert.ok(reason in REASONS && message !== '');
  });
}

test('Ready says which of the others is not True, and why', () => {
  const [, , , ready] = conditionsOf({
    compiled: refused,
    progress: leftOut,
    problem: undefined,
    lastGood: false,
    underWay: false,
  });
  assert.equal(ready!.message, 'Accepted is False (Invalid): Accepted is False');
});
