import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ApiError } from './api-error.ts';
import { WorkQueue } from './work-queue.ts';

const invalid = new ApiError('PATCH', 422, { reason: 'Invalid' });
const busy = new ApiError('PATCH', 429, { reason: 'TooManyRequests' });

interface Bench {
  queue: WorkQueue;
  done: string[];
  /** Key → what happens to it. */
  faults: Map<string, Error>;
}

function bench(context: TestContext): Bench {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const done: string[] = [];
  const faults = new Map<string, Error>();
  const work = async (key: string): Promise<void> => {
    done.push(key);
    const fault = faults.get(key);
    if (fault) throw fault;
  };
  const queue = new WorkQueue({ atOnce: 2, work, failed: () => {} });
  context.after(() => queue.stop());
  return { queue, done, faults };
}

test('a key that is added twice before its turn is worked on once', async (context) => {
  const { queue, done } = bench(context);
  for (const key of ['a', 'b', 'c', 'c']) queue.add(key);
  await turn();
  assert.deepEqual(done, ['a', 'b', 'c']);
  assert.equal(queue.size, 0);
});

test('a key that is added while it is worked on is worked on again, not at the same time', async () => {
  const running = { now: 0, most: 0, times: 0 };
  const gate = Promise.withResolvers<void>();
  const work = async (): Promise<void> => {
    running.now += 1;
    running.times += 1;
    running.most = Math.max(running.most, running.now);
    await gate.promise;
    running.now -= 1;
  };
  const queue = new WorkQueue({ atOnce: 4, work, failed: () => {} });
  for (let i = 0; i < 3; i++) queue.add('a');
  gate.resolve();
  await turn();
  assert.deepEqual(running, { now: 0, most: 1, times: 2 });
});

test('one that fails waits longer and longer, and holds up no other', async (context) => {
  const { queue, done, faults } = bench(context);
  faults.set('poison', invalid);
  queue.add('poison');
  await turn();
  for (let seconds = 0; seconds < 600; seconds++) {
    context.mock.timers.tick(1_000);
    queue.add('poison');
    queue.add(`other ${seconds}`);
    await turn();
  }
  const times = done.filter((key) => key === 'poison').length;
  assert.ok(times > 3 && times < 20, `${times} times in ten minutes`);
  assert.equal(done.length - times, 600);
});

test('forgiven, it is tried at once', async (context) => {
  const { queue, done, faults } = bench(context);
  faults.set('poison', invalid);
  queue.add('poison');
  await turn();
  faults.clear();
  queue.add('poison');
  await turn();
  assert.equal(done.length, 1);
  queue.forgive('poison');
  queue.add('poison');
  await turn();
  assert.equal(done.length, 2);
});

test('when the server is busy, all wait, and nothing is lost', async (context) => {
  const { queue, done, faults } = bench(context);
  for (const key of ['a', 'b', 'c', 'd']) {
    faults.set(key, busy);
    queue.add(key);
  }
  await turn();
  const first = done.length;
  assert.ok(first <= 4);
  faults.clear();
  for (let i = 0; i < 10; i++) {
    context.mock.timers.tick(10_000);
    await turn();
  }
  for (const key of ['a', 'b', 'c', 'd']) assert.ok(done.lastIndexOf(key) >= 0);
  assert.equal(queue.size, 0);
});
