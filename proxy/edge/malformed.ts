import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ERRORS, type ErrorCode } from '../../core/errors.ts';
import { newRequestId } from './request-id.ts';

type ParseError = Error & { code?: string };

/**
 * Answers what Node's parser refuses. There is no request then, so the answer is written by hand; and it must not
 * be taken for the answer to an earlier request of the same connection, which may still be on its way.
 */
export class MalformedRequests {
  readonly #latest = new WeakMap<Socket, ServerResponse>();
  readonly #refused = new WeakSet<Socket>();

  watch(server: Server): void {
    server.on('request', ({ socket }, res) => this.#latest.set(socket, res));
  }

  refuse(error: ParseError, socket: Socket): void {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    // Whatever else arrives is malformed, too.
    if (this.#refused.has(socket)) return;
    this.#refused.add(socket);
    const latest = this.#latest.get(socket);
    if (latest && !latest.req.complete && latest.headersSent) return socket.destroySoon();
    if (latest && latest.req.complete && !latest.writableFinished) {
      latest.once('close', () => answer(error, socket));
    } else answer(error, socket);
  }
}

function answer(error: ParseError, socket: Socket): void {
  const [status, text] = STATUS[error.code ?? ''] ?? [
    '400 Bad Request',
    'The request is not valid HTTP/1.1.',
  ];
  const code: ErrorCode = 'invalid_request';
  const body = JSON.stringify({ error: { message: text, type: ERRORS[code].type, code, param: null } });
  const id = newRequestId();
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `x-request-id: ${id}\r\nrequest-id: ${id}\r\nconnection: close\r\n\r\n${body}`,
  );
}

const STATUS: Record<string, [string, string]> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The request headers are larger than 16 KiB.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.'],
};
