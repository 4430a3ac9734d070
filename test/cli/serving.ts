import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { start, type RunOptions } from './command.ts';

/** Lines as they come, and those that came. */
export class Lines {
  readonly all: string[] = [];
  #waiting: { pattern: RegExp; resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  #ended = false;

  constructor(stream: Readable) {
    const reader = createInterface({ input: stream });
    reader.on('line', (line) => {
      this.all.push(line);
      const met = this.#waiting.filter(({ pattern }) => pattern.test(line));
      this.#waiting = this.#waiting.filter((one) => !met.includes(one));
      for (const { resolve } of met) resolve(line);
    });
    reader.on('close', () => {
      this.#ended = true;
      for (const { pattern, reject } of this.#waiting) reject(this.#without(pattern));
    });
  }

  /** The first line from here on, or among those that came, that matches. */
  find(pattern: RegExp, from = 0): Promise<string> {
    const known = this.all.slice(from).find((line) => pattern.test(line));
    if (known !== undefined) return Promise.resolve(known);
    if (this.#ended) return Promise.reject(this.#without(pattern));
    return new Promise((resolve, reject) => this.#waiting.push({ pattern, resolve, reject }));
  }

  #without(pattern: RegExp): Error {
    return new Error(`the output ended without ${String(pattern)}:\n${this.all.join('\n')}`);
  }
}

/** A gateway that serves in a process of its own; it is stopped after the test. */
export interface Serving {
  url: string;
  adminUrl: string;
  /** What people read, on standard error. */
  said: Lines;
  /** The log, on standard output. */
  logged: Lines;
  kill(signal: NodeJS.Signals): void;
  exit: Promise<number | null>;
}

/** Starts `modelgate serve` on free ports, and waits until it says that it serves. */
export async function serving(
  context: TestContext,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Serving> {
  const child = start(['serve', '--port', '0', '--admin-port', '0', ...args], options);
  context.after(() => child.kill('SIGKILL'));
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  const [said, logged] = [new Lines(child.stderr), new Lines(child.stdout)];
  const [base, operators] = await Promise.all([said.find(/^ {2}Base URL/), said.find(/^ {2}Operators/)]);
  return {
    url: base.replace(/^\s*Base URL\s+/, ''),
    adminUrl: operators.replace(/^\s*Operators\s+/, ''),
    said,
    logged,
    kill: (signal) => child.kill(signal),
    exit,
  };
}

/** Asks a model to repeat "Hello"; the HTTP status. */
export async function ask({ url }: Serving, key: string, model: string): Promise<number> {
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  await response.arrayBuffer();
  return response.status;
}
