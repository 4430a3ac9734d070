#!/usr/bin/env node
// Starts the command line in a Node that runs TypeScript as it is, and with the flags that serving wants. This file
// is JavaScript that old versions of Node can run, so that `npx modelgate` works whatever `node` is on the PATH.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST = 24;
// Requests under way must not outlive many collections of the young generation: with 4 MB a third of them did.
const FLAGS = ['--max-semi-space-size=32'];
const MAIN = join(dirname(fileURLToPath(import.meta.url)), 'main.ts');

if (canRun() && FLAGS.every((flag) => process.execArgv.includes(flag))) await import('./main.ts');
else restart([...FLAGS, MAIN, ...process.argv.slice(2)]);

function canRun() {
  return Number(process.versions.node.split('.')[0]) >= OLDEST;
}

/** The binary of the `node` package, which an install without scripts does not have; then this one, if it can. */
function nodeBinary() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'));
    const binary = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    if (existsSync(binary)) return binary;
  } catch {
    // The package is not installed.
  }
  return canRun() ? process.execPath : undefined;
}

/** @param {string[]} args */
function restart(args) {
  const binary = nodeBinary();
  if (binary === undefined) {
    process.stderr.write(`modelgate needs Node ${OLDEST} or newer, and this is ${process.version}.\n`);
    process.exitCode = 1;
    return;
  }
  // The same process goes on as the other program: signals and the exit code need no passing on.
  if (canRun() && typeof process.execve === 'function')
    process.execve(binary, [binary, ...args], process.env);
  const child = spawn(binary, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`modelgate could not start ${binary}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  });
}
