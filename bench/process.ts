import { spawn, execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Where load and upstream run, and where the server that is measured runs alone; undefined where nothing can be pinned. */
export const CORES = canPin() ? { load: 0, server: 1 } : undefined;

function canPin(): boolean {
  if (availableParallelism() < 2) return false;
  try {
    execFileSync('taskset', ['-p', String(process.pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Keeps this process, which generates the load, off the core of the server. */
export function pinSelf(): void {
  if (CORES) {
    execFileSync('taskset', ['-a', '-c', '-p', String(CORES.load), String(process.pid)], { stdio: 'ignore' });
  }
}

interface Output {
  /** An open file. */
  stdout?: number;
  stderr?: 'ignore';
}

/** What a process has used. */
export class Usage {
  readonly pid: number;

  constructor(pid: number) {
    this.pid = pid;
  }

  /** Seconds of CPU, user and system, of all its threads. */
  cpu(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** Megabytes. */
  rss(): number {
    const [, pages] = readFileSync(`/proc/${this.pid}/statm`, 'utf8').split(' ');
    return (Number(pages) * PAGE_SIZE) / 1e6;
  }
}

/** A child process that is killed with this one, at the latest. */
export class Child extends Usage {
  readonly child: ChildProcess;

  constructor(command: readonly string[], core: number | undefined, output: Output = {}) {
    const { stdout = 'ignore', stderr = 'inherit' } = output;
    const [program, ...args] = core === undefined ? command : ['taskset', '-c', String(core), ...command];
    const child = spawn(program!, args, { stdio: ['ignore', stdout, stderr, 'ipc'] });
    super(child.pid!);
    this.child = child;
    running.add(this.child);
    this.child.once('exit', () => running.delete(this.child));
  }

  /** The next message it sends. */
  async message<T>(): Promise<T> {
    const exited = once(this.child, 'exit').then(([code]: unknown[]) => {
      throw new Error(`${this.child.spawnargs.join(' ')} exited with ${String(code)}`);
    });
    const [message] = (await Promise.race([once(this.child, 'message'), exited])) as [T];
    return message;
  }

  async stop(): Promise<void> {
    if (!running.has(this.child)) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }
}

const TICKS_PER_SECOND = getconf('CLK_TCK', 100);
const PAGE_SIZE = getconf('PAGE_SIZE', 4_096);

function getconf(name: string, otherwise: number): number {
  try {
    return Number(execFileSync('getconf', [name], { encoding: 'utf8' }));
  } catch {
    return otherwise;
  }
}
