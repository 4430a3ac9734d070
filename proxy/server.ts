import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dialect } from '../core/dialects/dialect.ts';
import { openai } from '../core/dialects/openai/index.ts';
import { GatewayError } from '../core/errors.ts';
import type { Endpoint } from '../core/chat/endpoint.ts';
import { checkRequest } from './edge/check-request.ts';
import { defect } from './edge/defect.ts';
import { httpServer } from './edge/http-server.ts';
import type { EdgeLimits } from './edge/limits.ts';
import { requestId } from './edge/request-id.ts';
import { getModel, listModels } from './endpoints/models.ts';
import type { Answer } from './pipeline/answer.ts';
import { CallerRequest } from './pipeline/caller-request.ts';
import { deliver, refuse, type Delivery } from './pipeline/deliver.ts';
import type { Pipeline } from './pipeline/index.ts';
import type { Runtime } from './runtime/runtime.ts';

/** What the server needs from the gateway around it. */
export interface Host {
  /** Undefined until the first configuration is loaded. */
  runtime(): Runtime | undefined;
  /** False before the first configuration and from the beginning of the shutdown. */
  ready(): boolean;
  began(request: CallerRequest): void;
  ended(request: CallerRequest): void;
  failed(request: CallerRequest, error: unknown): void;
}

type Answering = (request: CallerRequest, runtime: Runtime, raw: FastifyRequest) => Answer | Promise<Answer>;

interface Route {
  method: 'GET' | 'POST';
  url: string;
  endpoint: string;
  answer: Answering;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const GENERATION: readonly Endpoint[] = ['chat/completions', 'completions', 'embeddings'];

interface ServerOptions extends Delivery {
  edge: EdgeLimits;
}

/** The port that applications call. */
export function applicationServer(pipeline: Pipeline, host: Host, options: ServerOptions): FastifyInstance {
  const delivery: Delivery = options;
  const app = httpServer(options.edge, (req, reply, error) =>
    refuseWith(req, reply, error, { host, delivery }),
  );
  for (const route of routes(pipeline)) mount(app, route, host, delivery);
  app.get('/livez', (_request, reply) => reply.send('ok'));
  app.get('/readyz', (_request, reply) =>
    reply.code(host.ready() ? 200 : 503).send(host.ready() ? 'ok' : 'not ready'),
  );
  app.setNotFoundHandler(({ raw }, reply) => {
    const message = `There is no ${raw.method} ${raw.url?.split('?')[0]?.slice(0, 200)} here. SDKs of OpenAI expect a base URL that ends in /v1.`;
    return refuseWith(raw, reply, new GatewayError('unknown_endpoint', message), { host, delivery });
  });
  return app;
}

function routes(pipeline: Pipeline): Route[] {
  const generation = GENERATION.map((endpoint): Route => {
    return { method: 'POST', url: `/v1/${endpoint}`, endpoint, answer: pipeline(endpoint) };
  });
  return [
    ...generation,
    { method: 'GET', url: '/v1/models', endpoint: 'models', answer: listModels },
    // Names of aliases may contain slashes.
    {
      method: 'GET',
      url: '/v1/models/*',
      endpoint: 'models',
      answer: (request, runtime, { params }) => getModel(request, runtime, (params as { '*': string })['*']),
    },
  ];
}

function mount(app: FastifyInstance, route: Route, host: Host, delivery: Delivery): void {
  const { method, url } = route;
  app.route({
    method,
    url,
    // As early as the framework allows: it reads no body for us.
    onRequest: (request, reply) => {
      reply.hijack();
      void serve(route, request, reply.raw, { host, delivery });
    },
    handler: () => undefined,
  });
  const message = `${url} takes ${method} requests only.`;
  app.route({
    method: METHODS.filter((other) => other !== method),
    url,
    handler: ({ raw }, reply) => {
      const error = new GatewayError('method_not_allowed', message, { headers: { allow: method } });
      return refuseWith(raw, reply, error, { host, delivery });
    },
  });
}

interface Around {
  host: Host;
  delivery: Delivery;
}

async function serve(route: Route, raw: FastifyRequest, res: ServerResponse, around: Around): Promise<void> {
  const { host, delivery } = around;
  const runtime = host.runtime();
  const request = accept(raw.raw, res, route.endpoint, around);
  try {
    checkRequest(raw.raw);
    if (!runtime)
      throw new GatewayError('not_ready', 'The gateway has no configuration yet.', { retryAfter: 1_000 });
    deliver(request, await route.answer(request, runtime, raw), delivery);
  } catch (error) {
    refuseAndReport(request, error instanceof GatewayError ? error : defect(error), around);
  }
}

/** From here on the request counts, until its connection is done with it. */
function accept(
  req: IncomingMessage,
  res: ServerResponse,
  endpoint: string,
  { host }: Around,
): CallerRequest {
  const runtime = host.runtime();
  const revision = runtime?.config.revision ?? 'none';
  const request = new CallerRequest({ id: requestId(req), endpoint, dialect, revision, req, res });
  runtime?.enter();
  host.began(request);
  res.on('close', () => {
    if (!res.writableFinished) request.cancel();
    request.finish(res.writableFinished ? request.record.outcome : 'aborted');
    runtime?.leave();
    if (request.defect !== undefined) host.failed(request, request.defect);
    host.ended(request);
  });
  return request;
}

/** Every path so far is OpenAI's. */
const dialect: Dialect = openai;

function refuseWith(req: IncomingMessage, reply: FastifyReply, error: GatewayError, around: Around): void {
  reply.hijack();
  refuseAndReport(accept(req, reply.raw, 'unknown', around), error, around);
}

function refuseAndReport(request: CallerRequest, error: GatewayError, { host, delivery }: Around): void {
  if (error.code === 'internal_error') host.failed(request, error.details.cause);
  try {
    refuse(request, error, delivery);
  } catch (again) {
    // Nothing that can be said: the caller sees a connection that breaks, and the process lives.
    host.failed(request, again);
    request.res.destroy();
  }
}
