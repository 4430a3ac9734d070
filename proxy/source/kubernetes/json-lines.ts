/** Far more than an event about one Secret can have. */
const MAX_BYTES = 16 * 1024 * 1024;
const LF = 0x0a;

/**
 * The values of a stream of JSON lines, whatever pieces it comes in.
 * @throws SyntaxError on a line that is not JSON; Error when the stream ends inside a line, or one has no end
 */
export async function* jsonLines(chunks: AsyncIterable<Buffer>): AsyncGenerator {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let end: number;
    while ((end = rest.indexOf(LF)) >= 0) {
      const line = rest.toString('utf8', 0, end);
      rest = rest.subarray(end + 1);
      if (line.trim() !== '') yield JSON.parse(line);
    }
    if (rest.length > MAX_BYTES) throw new Error('a line without an end');
  }
  if (rest.length > 0) throw new Error('the stream ended inside a line');
}
