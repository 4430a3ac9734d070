import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingText } from './setting-text.ts';

test('times, sizes, counts and lists are written the way resources write them', () => {
  assert.equal(settingText('timeouts.total', 3_600_000), '1h');
  assert.equal(settingText('timeouts.connect', 90_250), '1m30s250ms');
  assert.equal(settingText('timeouts.idle', 0), '0ms');
  assert.equal(settingText('request.maxBodyBytes', 33_554_432), '32 MiB');
  assert.equal(settingText('request.maxBodyBytes', 2_048), '2 KiB');
  assert.equal(settingText('request.maxBodyBytes', 1_500), '1500 bytes');
  assert.equal(settingText('retries.attempts', 3), '3');
  assert.equal(settingText('retries.retryOn', ['429', '5xx']), '429, 5xx');
  assert.equal(settingText('retries.retryOn', []), 'nothing');
});
