import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { openai } from '../core/dialects/openai/index.ts';
import { GatewayError } from '../core/errors.ts';
import { checkRequest } from './edge/check-request.ts';
import { httpServer } from './edge/http-server.ts';
import type { EdgeLimits } from './edge/limits.ts';
import { requestId } from './edge/request-id.ts';
import { explainRequest } from './endpoints/explain.ts';
import { notReady, status, type Condition } from './endpoints/status.ts';
import type { Metrics } from './telemetry/metrics.ts';

export interface Operations extends Condition {
  metrics: Metrics;
  edge: EdgeLimits;
}

/** The port for operators: nothing on it is meant for applications. */
export function adminServer(operations: Operations): FastifyInstance {
  const app = httpServer(operations.edge, refuse);
  app.addHook('onRequest', (request, _reply, done) => {
    checkRequest(request.raw);
    done();
  });
  app.get('/livez', (_request, reply) => reply.send('ok'));
  app.get('/readyz', (_request, reply) => {
    const reason = notReady(operations);
    return reply.code(reason === undefined ? 200 : 503).send(reason ?? 'ok');
  });
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await operations.metrics.scrape();
    return reply.header('content-type', contentType).send(text);
  });
  app.get('/status', (_request, reply) => reply.send(status(operations)));
  app.get('/explain', ({ query }, reply) => reply.send(explainRequest(operations.runtime(), query)));
  app.setNotFoundHandler(({ raw }, reply) =>
    refuse(
      raw,
      reply,
      new GatewayError('unknown_endpoint', 'There are /livez, /readyz, /metrics, /status and /explain.'),
    ),
  );
  return app;
}

/** In the shape that the application port uses. */
function refuse(req: IncomingMessage, reply: FastifyReply, error: GatewayError): void {
  void reply
    .code(error.kind.status)
    .headers({ 'x-request-id': requestId(req), 'content-type': 'application/json' })
    .send(openai.renderError(error));
}
