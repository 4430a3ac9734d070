import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Parameters } from '../config/config.ts';
import { editObject } from '../json/edit.ts';
import { scanObject } from '../json/scan.ts';
import { applyParameters } from './apply.ts';

function apply(body: object, parameters: Parameters): unknown {
  const bytes = Buffer.from(JSON.stringify(body));
  const members = scanObject(bytes);
  return JSON.parse(editObject(bytes, members, applyParameters(bytes, members, parameters)).toString());
}

test('set overrides, default only fills in, drop takes out', () => {
  const parameters = { set: { temperature: 0 }, default: { max_tokens: 9, seed: 1 }, drop: ['logit_bias'] };
  const body = { model: 'm', temperature: 1, max_tokens: 5, logit_bias: { a: 1 } };
  assert.deepEqual(apply(body, parameters), { model: 'm', temperature: 0, max_tokens: 5, seed: 1 });
});

test('a dropped field can be given a default', () => {
  assert.deepEqual(apply({ user: 'me' }, { drop: ['user'], default: { user: 'anonymous' } }), {
    user: 'anonymous',
  });
});

test('rename keeps the value, and what is already there under the new name', () => {
  const parameters = { rename: { max_tokens: 'max_completion_tokens' } };
  assert.deepEqual(apply({ max_tokens: 5 }, parameters), { max_completion_tokens: 5 });
  assert.deepEqual(apply({ max_tokens: 5, max_completion_tokens: 7 }, parameters), {
    max_completion_tokens: 7,
  });
  assert.deepEqual(apply({ n: 1 }, parameters), { n: 1 });
});

test('clamp bounds numbers and leaves everything else alone', () => {
  const parameters = { clamp: { temperature: { min: 0.1, max: 1 } } };
  assert.deepEqual(apply({ temperature: 2 }, parameters), { temperature: 1 });
  assert.deepEqual(apply({ temperature: 0 }, parameters), { temperature: 0.1 });
  assert.deepEqual(apply({ temperature: '5' }, parameters), { temperature: '5' });
  assert.deepEqual(apply({ n: 1 }, parameters), { n: 1 });
});

test('the model cannot be set by parameters', () => {
  assert.deepEqual(apply({ model: 'a' }, { set: { model: 'b' } }), { model: 'a' });
});
