import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'node:test';
import { Lines } from '../cli/serving.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Types lines into a shell at the root of the repository; returns what they print. */
async function type(lines: readonly string[]): Promise<string> {
  const shell = spawn('sh', ['-e'], { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
  shell.stdin.end(lines.join('\n'));
  const [printed, [code]] = await Promise.all([text(shell.stdout), once(shell, 'close')]);
  assert.equal(code, 0, printed);
  return printed;
}

test('what npm run cluster says can be typed, and all is gone after a Ctrl-C', async () => {
  const script = join(import.meta.dirname, 'develop.ts');
  const child = spawn(process.execPath, ['--no-warnings', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const said = new Lines(child.stdout);
  await said.find(/"model":"chat"/);
  const commands = said.all.filter((line) => /^ {2}( {2}-H|export|kubectl|curl)/.test(line));
  const answer = await type(commands);
  assert.match(answer, /^modelalias.modelgate.dev\/chat condition met$/m);
  assert.match(answer, /"content":"hello"/);
  child.kill('SIGINT');
  assert.deepEqual(await exit, [0, null]);
  const [, folder] = /KUBECONFIG=(.*)\/admin.kubeconfig/.exec(commands[0]!)!;
  assert.equal(existsSync(folder!), false);
});
