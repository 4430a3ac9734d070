import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { chunked, completion, stream } from './answers.ts';

/**
 * The provider of the bench: answers are prebuilt bytes, so that it takes little of the core it shares with the load
 * generator. The first segment of the path chooses how it answers; it reads no more of a request than its length.
 */
const DELAY = 60;
const PACE = 10;

const JSON_ANSWER = completion();
const EVENTS = stream();
const STREAM_HEAD = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n',
);
const PACED_EVENTS = EVENTS.map((event) => chunked(event));
const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const STREAM_ANSWER = Buffer.concat([STREAM_HEAD, ...PACED_EVENTS, LAST_CHUNK]);

const ANSWERS: Record<string, (socket: Socket) => unknown> = {
  json: (socket) => socket.write(JSON_ANSWER),
  slow: (socket) => setTimeout(() => socket.write(JSON_ANSWER), DELAY),
  stream: (socket) => socket.write(STREAM_ANSWER),
  paced: (socket) => startPacing(socket),
};

/** Whoever asks for something else has a mistake in it. */
const hangUp = (socket: Socket): unknown => socket.destroy();

/** Streams under way, by the millisecond of the pace in which their next event is due. */
const paced = Array.from({ length: PACE }, () => new Map<Socket, number>());
let millisecond = 0;

function startPacing(socket: Socket): void {
  socket.write(STREAM_HEAD);
  paced[millisecond % PACE]!.set(socket, 0);
}

function tick(): void {
  const due = paced[millisecond++ % PACE]!;
  for (const [socket, next] of due) {
    const event = PACED_EVENTS[next];
    socket.write(event ?? LAST_CHUNK);
    if (event) due.set(socket, next + 1);
    else due.delete(socket);
  }
}

const REQUEST_LINE = /^POST \/(\w+)/;
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

/** Answers requests one after the other: callers of the bench never pipeline. */
function serve(socket: Socket): void {
  let head = '';
  let missing = 0;
  let answer: ((socket: Socket) => unknown) | undefined;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => paced.forEach((due) => due.delete(socket)));
  socket.on('data', (chunk: Buffer) => {
    if (answer === undefined) {
      const end = chunk.indexOf('\r\n\r\n');
      head += chunk.toString('latin1', 0, end < 0 ? chunk.length : end);
      if (end < 0) return;
      answer = ANSWERS[REQUEST_LINE.exec(head)?.[1] ?? ''] ?? hangUp;
      missing = Number(CONTENT_LENGTH.exec(head)?.[1] ?? 0) - (chunk.length - end - 4);
      head = '';
    } else {
      missing -= chunk.length;
    }
    if (missing > 0) return;
    const respond = answer;
    answer = undefined;
    respond(socket);
  });
}

/** @returns its port */
export async function startUpstream(): Promise<number> {
  const server = createServer(serve);
  let last = performance.now();
  setInterval(() => {
    // Timers are late on a busy core; what is due is made up for.
    for (const now = performance.now(); last + 1 <= now; last++) tick();
  }, 1);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
