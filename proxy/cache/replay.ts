import type { ByteSink, ByteStream } from '../upstream/byte-stream.ts';

/** What a replay tells whoever feeds it. */
interface Feed {
  paused(): void;
  resumed(): void;
  cancelled(): void;
}

/** A stream that is given to a reader from its beginning, and goes on with what is still to come. */
export class Replay implements ByteStream {
  /** The reader has stopped reading. */
  isPaused = false;
  readonly #pending: Buffer[];
  readonly #feed: Feed | undefined;
  #sink: ByteSink | undefined;
  #ending: ((sink: ByteSink) => void) | undefined;

  /** @param soFar what has already come */
  constructor(soFar: readonly Buffer[], feed?: Feed) {
    this.#pending = [...soFar];
    this.#feed = feed;
  }

  write(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#flush();
  }

  /** Nothing follows; the reader hears of it behind what it has not read yet. */
  conclude(ending: (sink: ByteSink) => void): void {
    this.#ending = ending;
    this.#flush();
  }

  pipe(sink: ByteSink): void {
    this.#sink = sink;
    this.#flush();
  }

  pause(): void {
    this.isPaused = true;
    this.#feed?.paused();
  }

  resume(): void {
    this.isPaused = false;
    this.#flush();
    this.#feed?.resumed();
  }

  cancel(): void {
    this.#sink = undefined;
    this.#feed?.cancelled();
  }

  #flush(): void {
    const sink = this.#sink;
    if (!sink) return;
    while (!this.isPaused) {
      const chunk = this.#pending.shift();
      if (chunk === undefined) break;
      sink.write(chunk);
    }
    const ending = this.#ending;
    if (this.isPaused || !ending) return;
    this.#sink = undefined;
    ending(sink);
  }
}

const PIECE = 64 * 1024;

/** A stream that was kept, once more: in pieces, as fast as they are read. */
export function replayed(body: Buffer): ByteStream {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += PIECE) pieces.push(body.subarray(at, at + PIECE));
  const replay = new Replay(pieces);
  replay.conclude((sink) => sink.end());
  return replay;
}
