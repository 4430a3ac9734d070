import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

const BIN = join(import.meta.dirname, '../../cli/bin.js');

export interface RunOptions {
  /** What is run instead of the sources. */
  bin?: string;
  cwd?: string;
  stdin?: string;
  env?: Record<string, string>;
}

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The real command in a process of its own. Of our own environment it sees only what a process needs. */
export function start(
  args: readonly string[],
  { bin = BIN, cwd, env }: RunOptions = {},
): ChildProcessWithoutNullStreams {
  const { PATH, TMPDIR } = process.env;
  return spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { PATH, ...(TMPDIR !== undefined && { TMPDIR }), ...env },
  });
}

/** Runs the command to its end. */
export async function modelgate(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const child = start(args, options);
  child.stdin.end(options.stdin ?? '');
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

/** A folder that is gone after the test. */
export async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'modelgate-cli-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
