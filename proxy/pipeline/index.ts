import { isUtf8 } from 'node:buffer';
import type { Endpoint } from '../../core/chat/endpoint.ts';
import { GatewayError } from '../../core/errors.ts';
import { checkContentType } from '../edge/check-request.ts';
import { readBody, tooLarge } from '../edge/read-body.ts';
import type { AnswerCache } from '../cache/answer-cache.ts';
import type { MemoryLimits } from '../limits/memory.ts';
import type { Caller } from '../runtime/caller.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Answer } from './answer.ts';
import { authenticate } from './authenticate.ts';
import { authorize } from './authorize.ts';
import { cache } from './cache.ts';
import { call } from './call.ts';
import type { CallerRequest } from './caller-request.ts';
import type { Exchange, Stage } from './exchange.ts';
import { limit } from './limit.ts';
import { resolve } from './resolve.ts';
import { route } from './route.ts';

/** Answers requests to one endpoint. What is refused before the body is read is thrown at once, not rejected. */
export type Pipeline = (endpoint: Endpoint) => (request: CallerRequest, runtime: Runtime) => Promise<Answer>;

/** What requests share. */
interface Shared {
  limits: MemoryLimits;
  answers: AnswerCache;
}

/**
 * THE ORDER of one request: authenticate → resolve → authorize → limit → cache → route → call. What comes after, account and
 * record, listens to how the request ends (`CallerRequest.onFinish`), because a stream ends long after `call`.
 */
export function pipeline({ limits, answers }: Shared): Pipeline {
  const treatment: readonly Stage[] = [limit(limits), cache(answers)];
  const attempts = route(limits, call);

  const admit = async (endpoint: Endpoint, request: CallerRequest, { runtime, caller }: Entrant) => {
    const body = await readBody(request.req, runtime.maxBodyBytes); // 413
    checkText(body); // 400
    const parsed = request.dialect.parseRequest(body); // 400
    request.record.stream = parsed.stream;
    const alias = resolve(request, parsed.model, caller, runtime); // 404
    authorize(caller, alias, parsed.model); // 403
    const plan = runtime.plan(caller, alias);
    checkSize(body, plan.maxBodyBytes); // 413
    request.awaitsStream = parsed.stream;
    const exchange: Exchange = { request, endpoint, parsed, caller, alias, plan };
    return await run(treatment, exchange, () => attempts(exchange));
  };

  return (endpoint) => (request, runtime) => {
    const enter = (caller: Caller): Promise<Answer> => {
      checkContentType(request.req); // 415
      return admit(endpoint, request, { runtime, caller });
    };
    const caller = authenticate(request, runtime); // 401
    return caller instanceof Promise ? caller.then(enter) : enter(caller);
  };
}

interface Entrant {
  runtime: Runtime;
  caller: Caller;
}

/** Each stage wraps what follows; the first is outermost. */
function run(stages: readonly Stage[], x: Exchange, last: () => Promise<Answer>): Promise<Answer> {
  const from = (i: number): Promise<Answer> => {
    const stage = stages[i];
    return stage ? stage(x, () => from(i + 1)) : last();
  };
  return from(0);
}

function checkText(body: Buffer): void {
  if (body.length === 0)
    throw new GatewayError('invalid_json', 'The request body is empty: send a JSON object.');
  // Decoders differ in what they make of it.
  if (!isUtf8(body)) throw new GatewayError('invalid_json', 'The request body is not valid UTF-8.');
}

function checkSize(body: Buffer, limitBytes: number): void {
  if (body.length > limitBytes) throw tooLarge(limitBytes);
}
