import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { openai } from '../core/dialects/openai/index.ts';
import { GatewayError } from '../core/errors.ts';
import { checkRequest } from './edge/check-request.ts';
import { httpServer } from './edge/http-server.ts';
import type { EdgeLimits } from './edge/limits.ts';
import { requestId } from './edge/request-id.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { Metrics } from './telemetry/metrics.ts';

export interface Operations {
  metrics: Metrics;
  source: string;
  edge: EdgeLimits;
  runtime(): Runtime | undefined;
  ready(): boolean;
  draining(): boolean;
  inFlight(): number;
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
    const ready = operations.ready();
    return reply.code(ready ? 200 : 503).send(ready ? 'ok' : 'not ready');
  });
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await operations.metrics.scrape();
    return reply.header('content-type', contentType).send(text);
  });
  app.get('/status', (_request, reply) => reply.send(status(operations)));
  app.setNotFoundHandler(({ raw }, reply) =>
    refuse(
      raw,
      reply,
      new GatewayError('unknown_endpoint', 'There are /livez, /readyz, /metrics and /status.'),
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

function status(operations: Operations) {
  const current = operations.runtime();
  return {
    ready: operations.ready(),
    draining: operations.draining(),
    source: operations.source,
    inFlight: operations.inFlight(),
    uptimeSeconds: Math.round(process.uptime()),
    ...(current && describe(current)),
  };
}

function describe({ config, loadedAt, aliases }: Runtime) {
  const now = performance.now();
  const targets = [...aliases].flatMap((alias) =>
    alias.targets.map(({ config: { credential, model, weight, priority }, breaker }) => ({
      alias: alias.id,
      credential,
      model,
      weight,
      priority,
      state: breaker.state,
      ...(breaker.openUntil > now && { restsForSeconds: Math.ceil((breaker.openUntil - now) / 1_000) }),
    })),
  );
  return {
    revision: config.revision,
    loadedAt: new Date(loadedAt).toISOString(),
    ageSeconds: Math.round((Date.now() - loadedAt) / 1_000),
    counts: {
      aliases: Object.keys(config.aliases).length,
      credentials: Object.keys(config.credentials).length,
      callers: Object.keys(config.callers).length,
      policies: Object.keys(config.policies).length,
    },
    targets,
  };
}
