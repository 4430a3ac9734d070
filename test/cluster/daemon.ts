import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Ends every daemon and removes the folder when this process is gone, however it went. */
export interface Reaper {
  started(pid: number): void;
  ended(pid: number): void;
  /** Lets go of the folder: it is removed now. Resolves when it is. */
  close(): Promise<void>;
}

export function startReaper(folder: string): Reaper {
  const script = fileURLToPath(new URL('reaper.ts', import.meta.url));
  const child = spawn(process.execPath, ['--no-warnings', script, folder], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
  const closed = once(child, 'close');
  child.unref();
  return {
    started: (pid) => void child.stdin.write(`+${pid}\n`),
    ended: (pid) => void child.stdin.write(`-${pid}\n`),
    async close() {
      child.ref();
      child.stdin.end();
      await closed;
    },
  };
}

export interface DaemonOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Where its output goes, over all its starts. */
  readonly logFile: string;
  readonly reaper: Reaper;
}

/** A program of the cluster that can be started, stopped, held and started again. */
export class Daemon {
  readonly #options: DaemonOptions;
  #child: ChildProcess | undefined;

  constructor(options: DaemonOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    if (this.#child !== undefined) throw new Error(`${this.#options.name} is running`);
    const { command, args, logFile, reaper } = this.#options;
    const log = openSync(logFile, 'a');
    // In a group of its own, so that a Ctrl-C does not reach it before the test has seen it.
    const child = spawn(command, args, { stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    child.unref();
    this.#child = child;
    if (child.pid !== undefined) reaper.started(child.pid);
    child.once('exit', () => {
      if (child.pid !== undefined) reaper.ended(child.pid);
      if (this.#child === child) this.#child = undefined;
    });
  }

  /**
   * Asks it to stop, and makes it stop when it takes longer than `patience` milliseconds. Resolves when it has ended.
   */
  async stop(signal: NodeJS.Signals = 'SIGTERM', patience = 10_000): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    child.ref();
    const exited = once(child, 'exit');
    child.kill(signal);
    // One that is held by SIGSTOP would not see it.
    if (signal !== 'SIGKILL') child.kill('SIGCONT');
    const insist = setTimeout(() => child.kill('SIGKILL'), patience);
    await exited;
    clearTimeout(insist);
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#child?.kill(signal) !== true) throw new Error(`${this.#options.name} is not running`);
  }

  /** All it has written, from its first start on. */
  log(): string {
    return readFileSync(this.#options.logFile, 'utf8');
  }

  /** Resolves when `probe` says yes; throws with the end of the log when the daemon ends or time runs out. */
  async ready(probe: () => Promise<boolean>, patience = 60_000): Promise<void> {
    const deadline = performance.now() + patience;
    while (!(await probe())) {
      const state =
        this.#child === undefined ? 'has ended' : performance.now() > deadline && 'does not get ready';
      if (state !== false) throw new Error(`${this.#options.name} ${state}:\n${this.log().slice(-2000)}`);
      await sleep(30);
    }
  }
}
