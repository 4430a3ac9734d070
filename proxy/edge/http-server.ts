import type { IncomingMessage } from 'node:http';
import { fastify, type FastifyInstance, type FastifyReply } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import { defect } from './defect.ts';
import type { EdgeLimits } from './limits.ts';
import { MalformedRequests } from './malformed.ts';

/** Answers a request that no handler takes. */
export type Refuse = (req: IncomingMessage, reply: FastifyReply, error: GatewayError) => void;

/** A server that reads no body by itself, trusts no forwarding header and has no error answers of its own. */
export function httpServer(limits: EdgeLimits, refuse: Refuse): FastifyInstance {
  const malformed = new MalformedRequests();
  const refuseAny = (error: Error, { raw }: { raw: IncomingMessage }, reply: FastifyReply): void =>
    refuse(raw, reply, asGatewayError(error));
  const app = fastify({
    logger: false,
    trustProxy: false,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    http: {
      headersTimeout: limits.headersTimeout,
      connectionsCheckingInterval: limits.connectionsCheckingInterval,
      maxHeaderSize: limits.maxHeaderSize,
      insecureHTTPParser: false,
      // Node refuses without a word: `checkRequest` does it instead.
      requireHostHeader: false,
    },
    routerOptions: { maxParamLength: limits.maxUrlLength },
    clientErrorHandler: (error, socket) => malformed.refuse(error, socket),
    frameworkErrors: refuseAny,
  });
  malformed.watch(app.server);
  // An expectation nobody knows may be ignored; Node would answer 417 without a word.
  app.server.on('checkExpectation', (req, res) => app.server.emit('request', req, res));
  app.server.maxConnections = limits.maxConnections;
  app.setErrorHandler(refuseAny);
  app.removeAllContentTypeParsers();
  // Endpoints read the body themselves, after they know who sent it.
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  return app;
}

/** The framework refuses some requests before a handler sees them. */
function asGatewayError(error: Error & { statusCode?: number }): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error.statusCode === 415) {
    const message = 'The content type is malformed: send application/json in UTF-8.';
    return new GatewayError('unsupported_media_type', message);
  }
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return new GatewayError('invalid_request', 'The URL is malformed or too long.');
  }
  return defect(error);
}
