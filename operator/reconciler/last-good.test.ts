import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rememberingReader } from '../../core/compile/index.ts';
import { Egress } from '../../core/net/egress.ts';
import { API_VERSION } from '../../core/resources/kinds.ts';
import type { KubeObject } from '../kube/object.ts';
import { LastGood } from './last-good.ts';

const targets = [{ credentialRef: { name: 'openai' }, model: 'gpt-5-mini' }];

const object = (kind: string, generation: number, spec: object, uid = 'first'): KubeObject => ({
  apiVersion: API_VERSION,
  kind,
  metadata: { name: 'x', namespace: 'team', uid, generation },
  spec,
});

const good = object('ModelAlias', 1, { targets });
const broken = object('ModelAlias', 2, { targets: [] });

/** One after the other; the specs that are compiled in the end. */
function after(...worlds: KubeObject[][]) {
  const lastGood = new LastGood(rememberingReader(), new Egress());
  const [kept] = worlds.map((documents) => lastGood.keep(documents)).slice(-1);
  return { specs: kept!.documents.map(({ spec }) => spec), broken: kept!.broken };
}

test('what is right is what is compiled', () => {
  assert.deepEqual(after([good]), { specs: [good['spec']], broken: new Map() });
});

test('what becomes broken keeps the place of what it was, and its own status', () => {
  const { specs, broken: told } = after([good], [broken], [broken]);
  assert.deepEqual(specs, [good['spec']]);
  const status = told.get('ModelAlias/team/x')!;
  assert.equal(status.generation, 2);
  assert.partialDeepStrictEqual(status.conditions[0], {
    type: 'Accepted',
    status: 'False',
    reason: 'Invalid',
  });
});

test('mended, it is itself again', () => {
  const mended = object('ModelAlias', 3, { targets, description: 'mended' });
  assert.deepEqual(after([good], [broken], [mended]), { specs: [mended['spec']], broken: new Map() });
});

for (const [what, worlds] of Object.entries({
  'it was never right': [[broken]],
  'it was gone in between': [[good], [], [broken]],
  'it is another object of the same name': [[good], [object('ModelAlias', 1, { targets: [] }, 'second')]],
  'the edit also changes who may use it': [
    [object('ModelAlias', 1, { targets, allowedNamespaces: { from: 'All' } })],
    [object('ModelAlias', 2, { targets: [], allowedNamespaces: { from: 'Same' } })],
  ],
  'the edit removes a grant': [
    [object('ModelAlias', 1, { targets, allowedNamespaces: { from: 'All' } })],
    [broken],
  ],
  'it is a key': [
    [object('CallerKey', 1, { sha256: 'a'.repeat(64), aliases: [] })],
    [object('CallerKey', 2, {})],
  ],
})) {
  test(`it is left out when ${what}`, () => {
    const { specs, broken: told } = after(...worlds);
    assert.deepEqual(specs, [worlds.at(-1)![0]!['spec']]);
    assert.equal(told.size, 0);
  });
}
