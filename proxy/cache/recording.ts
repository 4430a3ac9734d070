import type { GatewayError } from '../../core/errors.ts';
import type { ByteSink, ByteStream } from '../upstream/byte-stream.ts';
import type { RecordingSpace } from './recording-space.ts';
import { Replay } from './replay.ts';

/** What becomes of a recording. */
export interface RecordingEvents {
  /** The stream has ended well; called before any reader hears of the end. */
  complete(body: Buffer): void;
  /** The stream is over for its readers, however it ended. */
  over(): void;
}

/** What a reader wants to know: the stream ends now, before its sink hears of it. */
type Ends = () => void;

/**
 * One stream of a provider for several readers, and its bytes for later. Whoever comes while it runs gets it from its
 * beginning. It goes on as long as anybody reads. A reader that is slow holds up nobody, unless the stream is too
 * large to be kept: then it runs as fast as the slowest one reads, and takes no more readers.
 */
export class Recording implements ByteSink {
  readonly #source: ByteStream;
  readonly #events: RecordingEvents;
  readonly #space: RecordingSpace;
  readonly #readers = new Map<Replay, Ends>();
  /** Everything that came so far; undefined when it is too much. */
  #kept: Buffer[] | undefined = [];
  #bytes = 0;
  #begun = false;
  #over = false;
  #held = false;

  constructor(source: ByteStream, space: RecordingSpace, events: RecordingEvents) {
    this.#source = source;
    this.#space = space;
    this.#events = events;
  }

  /** Undefined when the beginning is gone, or nobody reads any more. */
  reader(ends: Ends = () => undefined): ByteStream | undefined {
    if (this.#over || !this.#kept) return undefined;
    const replay = new Replay(this.#kept, {
      paused: () => this.#throttle(),
      resumed: () => this.#throttle(),
      cancelled: () => this.#leave(replay),
    });
    this.#readers.set(replay, ends);
    return { ...passedOn(replay), pipe: (sink) => this.#pipe(replay, sink) };
  }

  write(chunk: Buffer): void {
    this.#keep(chunk);
    for (const replay of this.#readers.keys()) replay.write(chunk);
    this.#throttle();
  }

  end(): void {
    this.#over = true;
    if (this.#kept) this.#events.complete(Buffer.concat(this.#kept));
    this.#conclude((sink) => sink.end());
  }

  fail(error: GatewayError): void {
    this.#over = true;
    this.#conclude((sink) => sink.fail(error));
  }

  /** The first reader that is ready starts it. */
  #pipe(replay: Replay, sink: ByteSink): void {
    replay.pipe(sink);
    if (this.#begun) return;
    this.#begun = true;
    this.#source.pipe(this);
  }

  #keep(chunk: Buffer): void {
    if (!this.#kept) return;
    if (this.#bytes + chunk.length <= this.#space.largest && this.#space.take(chunk.length)) {
      this.#bytes += chunk.length;
      this.#kept.push(chunk);
    } else this.#forget();
  }

  #forget(): void {
    this.#kept = undefined;
    this.#space.give(this.#bytes);
    this.#bytes = 0;
  }

  #throttle(): void {
    if (this.#over) return;
    const hold = this.#kept === undefined && [...this.#readers.keys()].some(({ isPaused }) => isPaused);
    if (hold === this.#held) return;
    this.#held = hold;
    if (hold) this.#source.pause();
    else this.#source.resume();
  }

  #conclude(ending: (sink: ByteSink) => void): void {
    for (const [replay, ends] of this.#readers) {
      ends();
      replay.conclude(ending);
    }
    this.#readers.clear();
    this.#forget();
    this.#events.over();
  }

  #leave(replay: Replay): void {
    if (!this.#readers.delete(replay) || this.#over) return;
    if (this.#readers.size > 0) return this.#throttle();
    this.#over = true;
    this.#source.cancel();
    this.#forget();
    this.#events.over();
  }
}

function passedOn(replay: Replay): Omit<ByteStream, 'pipe'> {
  return {
    pause: () => replay.pause(),
    resume: () => replay.resume(),
    cancel: () => replay.cancel(),
  };
}
