import type { GatewayError } from '../../core/errors.ts';

/** Where bytes of a stream go. After `end` or `fail` nothing follows. */
export interface ByteSink {
  write(chunk: Buffer): void;
  end(): void;
  fail(error: GatewayError): void;
}

/** A stream that pushes: bytes flow from `pipe` on, unless paused. */
export interface ByteStream {
  pipe(sink: ByteSink): void;
  pause(): void;
  resume(): void;
  /** The reader left: stop producing and free everything. */
  cancel(): void;
}
