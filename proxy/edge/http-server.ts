import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { ERRORS, type ErrorCode } from '../../core/errors.ts';

const SECOND = 1_000;

/** Milliseconds and bytes. Every one is set here, because the defaults of server and framework leave some open. */
const EDGE = {
  headersTimeout: 10 * SECOND,
  requestTimeout: 60 * SECOND,
  connectionsCheckingInterval: SECOND,
  keepAliveTimeout: 72 * SECOND,
  maxHeaderSize: 16 * 1024,
  maxConnections: 20_000,
  maxUrlLength: 2_048,
};

/** A server that reads no body by itself and trusts no forwarding header. */
export function httpServer(): FastifyInstance {
  const app = fastify({
    logger: false,
    trustProxy: false,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    requestTimeout: EDGE.requestTimeout,
    keepAliveTimeout: EDGE.keepAliveTimeout,
    http: {
      headersTimeout: EDGE.headersTimeout,
      connectionsCheckingInterval: EDGE.connectionsCheckingInterval,
      maxHeaderSize: EDGE.maxHeaderSize,
      insecureHTTPParser: false,
      requireHostHeader: true,
    },
    routerOptions: { maxParamLength: EDGE.maxUrlLength },
    clientErrorHandler: refuseMalformed,
  });
  app.server.maxConnections = EDGE.maxConnections;
  app.removeAllContentTypeParsers();
  // Endpoints read the body themselves, after they know who sent it.
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  return app;
}

/** What Node's parser refuses has no request yet: the answer is written by hand. */
function refuseMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, text] = STATUS[error.code ?? ''] ?? [
    '400 Bad Request',
    'The request is not valid HTTP/1.1.',
  ];
  const code: ErrorCode = 'invalid_request';
  const body = JSON.stringify({ error: { message: text, type: ERRORS[code].type, code, param: null } });
  const id = `req_${randomUUID()}`;
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `x-request-id: ${id}\r\nrequest-id: ${id}\r\nconnection: close\r\n\r\n${body}`,
  );
}

const STATUS: Record<string, [string, string]> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The request headers are larger than 16 KiB.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.'],
};
