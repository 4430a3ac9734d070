import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { NotLeader } from '../leader/leadership.ts';
import type { Task, TaskInput, TaskOutcome } from '../task.ts';
import { TaskRunner } from './task-runner.ts';

const input = (publication: number): TaskInput => ({ publication }) as unknown as TaskInput;

const task = (name: string, run: Task['run']): Task => ({ name, run });

function bench(context: TestContext, ...tasks: Task[]) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const outcomes: TaskOutcome[] = [];
  const state = { pokes: 0 };
  const runner = new TaskRunner({
    tasks,
    log: pino({ level: 'silent' }),
    done: (outcome) => outcomes.push(outcome),
    poke: () => (state.pokes += 1),
  });
  return { runner, outcomes, state };
}

test('what all tasks say is put together', async (context) => {
  const one = task('one', async () => ({
    fields: new Map([['CallerKey/a/x', { prefix: 'mg-1' }]]),
    underWay: new Set(['CallerKey/a/y']),
    wakeAt: 20,
  }));
  const two = task('two', async () => ({
    fields: new Map([['CallerKey/a/x', { expiresAt: 'then' }]]),
    wakeAt: 10,
  }));
  const { runner, outcomes } = bench(context, one, two);
  runner.run(input(1));
  await turn();
  assert.equal(outcomes.length, 1);
  assert.deepEqual(outcomes[0]!.fields?.get('CallerKey/a/x'), { prefix: 'mg-1', expiresAt: 'then' });
  assert.deepEqual([...outcomes[0]!.underWay!], ['CallerKey/a/y']);
  assert.equal(runner.wakeAt, 10);
});

test('runs do not overlap; of what comes meanwhile the last one counts', async (context) => {
  const gate = Promise.withResolvers<void>();
  const seen: number[] = [];
  const slow = task('slow', async ({ publication }) => {
    seen.push(publication);
    await gate.promise;
    return {};
  });
  const { runner, outcomes } = bench(context, slow);
  for (const publication of [1, 2, 3]) runner.run(input(publication));
  await turn();
  assert.deepEqual(seen, [1]);
  gate.resolve();
  await turn();
  assert.deepEqual(seen, [1, 3]);
  assert.equal(outcomes.length, 2);
});

test('one that fails is tried again, keeps what it said last, and holds up no other', async (context) => {
  let fails = false;
  const flaky = task('flaky', async () => {
    if (fails) throw new Error('no');
    return { underWay: new Set(['a']) };
  });
  const steady = task('steady', async ({ publication }) => ({ underWay: new Set([`run ${publication}`]) }));
  const { runner, outcomes, state } = bench(context, flaky, steady);
  runner.run(input(1));
  await turn();
  fails = true;
  runner.run(input(2));
  await turn();
  assert.deepEqual([...outcomes.at(-1)!.underWay!], ['a', 'run 2']);
  assert.equal(state.pokes, 0);
  context.mock.timers.tick(2_000);
  assert.equal(state.pokes, 1);
});

test('when another process leads, it stops at once and says nothing of it', async (context) => {
  const seen: string[] = [];
  const first = task('first', async () => {
    throw new NotLeader();
  });
  const second = task('second', async () => {
    seen.push('second');
    return {};
  });
  const { runner, state } = bench(context, first, second);
  runner.run(input(1));
  await turn();
  context.mock.timers.tick(60_000);
  assert.deepEqual(seen, []);
  assert.equal(state.pokes, 0);
});
