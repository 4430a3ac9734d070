import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import about from '../../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

interface Instruction {
  name: string;
  argument: string;
}

/** One entry for each FROM, which is its first instruction. */
function stages(): Instruction[][] {
  const lines = read('Dockerfile')
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const found: Instruction[][] = [];
  for (const line of lines) {
    const [, name, argument] = /^([A-Z]+)\s+(.*)$/.exec(line)!;
    if (name === 'FROM') found.push([]);
    found.at(-1)!.push({ name: name!, argument: argument! });
  }
  return found;
}

const all = stages();
const [build, image] = [all[0]!, all.at(-1)!];
const only = (stage: readonly Instruction[], name: string): string[] =>
  stage.filter((one) => one.name === name).map((one) => one.argument);

test('every base image is pinned by its digest', () => {
  for (const stage of all) assert.match(stage[0]!.argument, /:[\w.-]+@sha256:[0-9a-f]{64}( AS \w+)?$/);
});

test('the bundles are built by the Node that the tests run in', () => {
  assert.match(build[0]!.argument, new RegExp(`node:${about.dependencies.node}-`));
});

test('the image has no shell, is not root, and runs every command with the flags of the launcher', () => {
  assert.match(image[0]!.argument, /^gcr\.io\/distroless\/nodejs26-debian13:nonroot@/);
  assert.deepEqual(only(image, 'RUN'), []);
  assert.deepEqual(only(image, 'USER'), ['65532:65532']);
  const flags = /const FLAGS = \[(.*)\];/.exec(read('cli/bin.js'))![1]!.replaceAll("'", '"');
  assert.deepEqual(only(image, 'ENTRYPOINT'), [`["/nodejs/bin/node", ${flags}, "/app/modelgate.js"]`]);
});

test('the commands that make the bundles do so from what the builder is given', (t) => {
  const runs = only(build, 'RUN').map((run) => JSON.parse(run) as string[]);
  assert.deepEqual(
    runs.map((run) => run.slice(0, 2).join(' ')),
    ['npm ci', about.scripts.bundle],
  );
  const context = mkdtempSync(join(tmpdir(), 'modelgate-image-'));
  t.after(() => rmSync(context, { recursive: true, force: true }));
  for (const path of given()) {
    cpSync(join(ROOT, path), join(context, path), { recursive: true, filter: (file) => !ignored(file) });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(context, 'node_modules'));
  const [command, ...args] = runs.at(-1)!;
  assert.equal(command, 'node');
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: context, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.ok(existsSync(join(context, 'dist/modelgate.js')));
});

/** What .dockerignore, which begins with everything, lets through. */
function given(): string[] {
  return [...read('.dockerignore').matchAll(/^!(.+)$/gm)].map((match) => match[1]!);
}

function ignored(file: string): boolean {
  return file.endsWith('.test.ts') || file.endsWith('/fixtures');
}
