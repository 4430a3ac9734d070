import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ApiError } from '../kube/api-error.ts';
import type { KubeWriter } from '../kube/client.ts';
import type { KubeObject } from '../kube/object.ts';
import { Metrics } from '../telemetry/metrics.ts';
import type { EventDraft } from './event.ts';
import { EventRecorder } from './recorder.ts';

const MINUTE = 60_000;

const draft = (change: Partial<EventDraft> = {}): EventDraft => ({
  regarding: {
    apiVersion: 'modelgate.dev/v1alpha1',
    kind: 'ModelAlias',
    namespace: 'team',
    name: 'chat',
    uid: 'u',
  },
  type: 'Warning',
  reason: 'SecretNotFound',
  action: 'Reconcile',
  note: 'there is no Secret',
  ...change,
});

interface Bench {
  recorder: EventRecorder;
  created: KubeObject[];
  patched: { name: string; patch: { series: { count: number } } }[];
  /** What the next write throws. */
  fault: Error | undefined;
}

function bench(context: TestContext): Bench {
  context.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-01-01T00:00:00Z') });
  const writer = {
    create: async (_resource: unknown, event: KubeObject) => {
      if (state.fault) throw state.fault;
      state.created.push(event);
    },
    patch: async (_resource: unknown, { name }: { name: string }, patch: { series: { count: number } }) => {
      if (state.fault) throw state.fault;
      state.patched.push({ name, patch });
    },
  };
  const recorder = new EventRecorder({
    writer: writer as unknown as KubeWriter,
    instance: 'operator-1',
    metrics: new Metrics(),
  });
  const state: Bench = { recorder, created: [], patched: [], fault: undefined };
  context.after(() => recorder.stop());
  return state;
}

test('an event says what happened to whom', async (context) => {
  const { recorder, created } = bench(context);
  recorder.record(draft());
  await turn();
  assert.equal(created.length, 1);
  const { name, namespace } = created[0]!.metadata;
  assert.match(name, /^chat\.[0-9a-f]+$/);
  assert.equal(namespace, 'team');
  assert.partialDeepStrictEqual(created[0], {
    apiVersion: 'events.k8s.io/v1',
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'modelgate.dev/operator',
    reportingInstance: 'operator-1',
    type: 'Warning',
    reason: 'SecretNotFound',
    note: 'there is no Secret',
  });
});

test('the same on the same object is told once in ten minutes, with how often it was', async (context) => {
  const { recorder, created, patched } = bench(context);
  for (let minute = 0; minute < 25; minute++) {
    recorder.record(draft());
    await turn();
    context.mock.timers.tick(MINUTE);
  }
  assert.equal(created.length, 1);
  assert.deepEqual(
    patched.map(({ name, patch }) => [name, patch.series.count]),
    [
      [created[0]!.metadata.name, 11],
      [created[0]!.metadata.name, 21],
    ],
  );
});

test('another reason, another object, and another object of the same name are events of their own', async (context) => {
  const { recorder, created } = bench(context);
  const { regarding } = draft();
  recorder.record(draft());
  recorder.record(draft({ reason: 'CredentialNotFound' }));
  recorder.record(draft({ regarding: { ...regarding, name: 'other' } }));
  recorder.record(draft({ regarding: { ...regarding, uid: 'made anew' } }));
  await turn();
  assert.equal(created.length, 4);
});

test('a series whose event is gone begins anew; what cannot be written is lost, and that is all', async (context) => {
  const state = bench(context);
  state.recorder.record(draft());
  await turn();
  context.mock.timers.tick(11 * MINUTE);
  state.fault = new ApiError('PATCH', 404, { reason: 'NotFound' });
  state.recorder.record(draft());
  await turn();
  state.fault = undefined;
  context.mock.timers.tick(11 * MINUTE);
  state.recorder.record(draft());
  await turn();
  assert.equal(state.created.length, 2);
});

test('a long note is cut to what the API server takes', async (context) => {
  const { recorder, created } = bench(context);
  recorder.record(draft({ note: 'x'.repeat(5_000) }));
  await turn();
  assert.equal((created[0]!['note'] as string).length, 1_024);
});
