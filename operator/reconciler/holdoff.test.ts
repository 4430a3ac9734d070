import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Holdoff } from './holdoff.ts';

function bench(context: TestContext, work: () => Promise<void> = async () => {}) {
  let now = 0;
  context.mock.timers.enable({ apis: ['setTimeout'] });
  context.mock.method(performance, 'now', () => now);
  const state = { times: 0 };
  const count = async (): Promise<void> => {
    state.times += 1;
    await work();
  };
  const holdoff = new Holdoff(count, { quiet: 50, longest: 250 });
  const wait = async (milliseconds: number): Promise<void> => {
    now += milliseconds;
    context.mock.timers.tick(milliseconds);
    await turn();
  };
  return { state, holdoff, wait };
}

test('what happens together is one piece of work, after a moment of quiet', async (context) => {
  const { state, holdoff, wait } = bench(context);
  for (let i = 0; i < 4; i++) {
    holdoff.poke();
    await wait(40);
  }
  assert.equal(state.times, 0);
  await wait(10);
  assert.equal(state.times, 1);
  await wait(1_000);
  assert.equal(state.times, 1);
});

test('without any quiet it begins all the same', async (context) => {
  const { state, holdoff, wait } = bench(context);
  for (let i = 0; i < 50; i++) {
    holdoff.poke();
    await wait(10);
  }
  assert.equal(state.times, 2, 'in half a second');
});

test('never two at once; what happens meanwhile is for the next', async (context) => {
  const gate = Promise.withResolvers<void>();
  const { state, holdoff, wait } = bench(context, () => gate.promise);
  holdoff.poke();
  await wait(50);
  holdoff.poke();
  await wait(1_000);
  assert.equal(state.times, 1);
  gate.resolve();
  await turn();
  await wait(50);
  assert.equal(state.times, 2);
});

test('stopped, nothing begins any more', async (context) => {
  const { state, holdoff, wait } = bench(context);
  holdoff.poke();
  await holdoff.stop();
  holdoff.poke();
  await wait(1_000);
  assert.equal(state.times, 0);
});
