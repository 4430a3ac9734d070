import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expand } from './environment.ts';

test('variables, defaults, and what is not set', () => {
  const environment = { A: 'a', EMPTY: '' };
  assert.deepEqual(expand('x${A}y', environment), { value: 'xay', missing: [] });
  assert.deepEqual(expand('${B}${C:-c}', environment), { value: 'c', missing: ['B'] });
  assert.deepEqual(expand('${EMPTY}|${EMPTY:-d}', environment), { value: '|d', missing: [] });
  assert.deepEqual(expand('${A:-}${B:-}', environment), { value: 'a', missing: [] });
  assert.deepEqual(expand('$A ${} ${1x} cash$', environment), { value: '$A ${} ${1x} cash$', missing: [] });
});

test('what a variable holds is not looked at again', () => {
  assert.equal(expand('${A}', { A: '${B} $& $1', B: 'b' }).value, '${B} $& $1');
});
