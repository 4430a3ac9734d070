import type { ByteStream } from '../upstream/byte-stream.ts';

/** What goes back to the caller: whole, or as it comes. */
export interface Answer {
  status: number;
  contentType: string;
  body: Buffer | ByteStream;
}
