import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valuesAt } from './path-values.ts';

const resource = {
  spec: { limits: [{ name: 'a' }, { name: 'b', tokens: 5 }], retries: { retryOn: ['429', '500'] } },
};

test('a path goes through lists and tells the index of what it finds', () => {
  assert.deepEqual(valuesAt(resource, 'spec.limits[].tokens'), [{ path: 'spec.limits[1].tokens', value: 5 }]);
  assert.deepEqual(valuesAt(resource, 'spec.retries.retryOn[]'), [
    { path: 'spec.retries.retryOn[0]', value: '429' },
    { path: 'spec.retries.retryOn[1]', value: '500' },
  ]);
});

test('what is not there is not found', () => {
  assert.deepEqual(valuesAt(resource, 'spec.cache.mode'), []);
  assert.deepEqual(valuesAt(resource, 'spec.budgets[].usd'), []);
});
