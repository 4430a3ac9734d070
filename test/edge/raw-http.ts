import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An answer as it came over the wire. */
export interface RawResponse {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: string;
}

/** A connection on which any bytes can be written. */
export async function connectTo(origin: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  // A server that refuses may reset: what it said before is what counts.
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Writes bytes and gives back every answer, once the server has closed the connection. */
export async function exchange(origin: string, bytes: string): Promise<RawResponse[]> {
  const socket = await connectTo(origin);
  const answer = received(socket);
  socket.write(Buffer.from(bytes, 'latin1'));
  return parseResponses(await answer);
}

/** Everything that comes until the connection is closed. */
export async function received(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // `once` would reject when the server resets the connection behind its answer.
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString('latin1');
}

/** Answers with a content-length, one behind the other. */
export function parseResponses(text: string): RawResponse[] {
  const responses: RawResponse[] = [];
  let rest = text;
  while (rest !== '') {
    const [head = '', ...behind] = rest.split('\r\n\r\n');
    const [statusLine = '', ...lines] = head.split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const from = behind.join('\r\n\r\n');
    const status = Number(statusLine.split(' ')[1]);
    const length = status < 200 ? 0 : Number(headers['content-length'] ?? from.length);
    responses.push({ status, headers, body: from.slice(0, length) });
    rest = from.slice(length);
  }
  return responses;
}
