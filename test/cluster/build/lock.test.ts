import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { withLock } from './lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'modelgate-lock-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('one at a time', async () => {
  const file = join(folder, 'new', 'one.lock');
  let inside = 0;
  const work = async (): Promise<void> => {
    assert.equal((inside += 1), 1);
    await new Promise(setImmediate);
    inside -= 1;
  };
  await Promise.all([withLock(file, work), withLock(file, work), withLock(file, work)]);
  assert.equal(existsSync(file), false);
});

test('a holder that has failed lets go', async () => {
  const file = join(folder, 'failed.lock');
  await assert.rejects(
    withLock(file, () => Promise.reject(new Error('no compiler'))),
    /no compiler/,
  );
  await withLock(file, () => Promise.resolve());
});

test('the lock of a process that is gone is taken over', async () => {
  const file = join(folder, 'stale.lock');
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(file, String(pid));
  let done = false;
  await withLock(file, async () => void (done = true));
  assert.ok(done);
});
