import type { Writable } from 'node:stream';

const SIZE = 64 * 1024;
/** Milliseconds that a line may wait. */
const MAX_DELAY = 50;
/** UTF-8 needs no more for a character of a string. */
const BYTES_PER_CHARACTER = 3;

/** Gathers log lines, so that a busy gateway writes once for many requests. Bytes, because strings would pile up. */
export class LineBuffer {
  readonly #destination: Pick<Writable, 'write'>;
  readonly #bytes = Buffer.allocUnsafe(SIZE);
  #used = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(destination: Pick<Writable, 'write'>) {
    this.#destination = destination;
  }

  /** @param line ends in a line feed */
  push(line: string): void {
    const most = line.length * BYTES_PER_CHARACTER;
    if (this.#used + most > SIZE) this.flush();
    if (most > SIZE) return void this.#destination.write(line);
    this.#used += this.#bytes.write(line, this.#used);
    this.#timer ??= setTimeout(() => this.flush(), MAX_DELAY);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#used === 0) return;
    const lines = this.#bytes.toString('utf8', 0, this.#used);
    this.#used = 0;
    this.#destination.write(lines);
  }
}
