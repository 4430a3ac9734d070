import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, with `stdin` as its whole input. */
export async function command(
  program: string,
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly stdin?: string | undefined },
): Promise<CommandResult> {
  const child = spawn(program, args, { env: { ...process.env, ...options.env } });
  // One that does not read its input closes it early.
  child.stdin.on('error', () => {});
  child.stdin.end(options.stdin ?? '');
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}
