import type { Writable } from 'node:stream';

const MAX_BYTES = 64 * 1024;
/** Milliseconds that a line may wait. */
const MAX_DELAY = 50;

/** Gathers log lines, so that a busy gateway writes once for many requests. */
export class LineBuffer {
  readonly #destination: Pick<Writable, 'write'>;
  #lines = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(destination: Pick<Writable, 'write'>) {
    this.#destination = destination;
  }

  /** @param line ends in a line feed */
  push(line: string): void {
    this.#lines += line;
    if (this.#lines.length >= MAX_BYTES) return this.flush();
    this.#timer ??= setTimeout(() => this.flush(), MAX_DELAY);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines === '') return;
    const lines = this.#lines;
    this.#lines = '';
    this.#destination.write(lines);
  }
}
