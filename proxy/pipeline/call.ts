import type { IncomingHttpHeaders } from 'node:http';
import { Attempt, type UpstreamResponse } from '../upstream/attempt.ts';
import { statusFailure, type UpstreamFailure } from '../upstream/failure.ts';
import { redact } from '../upstream/redact.ts';
import { upstreamBody } from '../upstream/request-body.ts';
import { retryAfter } from '../upstream/retry-after.ts';
import type { Answer } from './answer.ts';
import type { RoutedExchange } from './exchange.ts';
import { watched } from './watched-stream.ts';

const ERROR = Buffer.from('"error"');

/**
 * One attempt at one target.
 * @throws UpstreamFailure when it failed before anything of it reached the caller
 */
export async function call(x: RoutedExchange): Promise<Answer> {
  const response = await send(x);
  const { status, contentType, body } = response;
  const failure = failureOf(response, x);
  if (failure) throw failure;
  const { breaker } = x.target.target;
  breaker.answered();
  if (!Buffer.isBuffer(body)) return { status, contentType, body: watched(body, x) };
  breaker.success();
  const usage = status < 400 ? x.request.dialect.readUsage(body) : undefined;
  if (usage) x.request.record.usage = usage;
  // Some report an error with 200.
  const maySayKey = status >= 400 || body.includes(ERROR);
  const { config } = x.target.target.credential;
  return { status, contentType, body: maySayKey ? redact(body, config) : body };
}

/** A stream may begin with an error, after its 200: nothing of it has reached the caller yet. */
function failureOf(response: UpstreamResponse, { request }: RoutedExchange): UpstreamFailure | undefined {
  const { status, headers, body, beginning } = response;
  if (status >= 300) return statusFailure(status, retryAfter(headers, Date.now()));
  const failed = beginning && request.dialect.failedAtOnce(beginning);
  const failure = failed === undefined ? undefined : statusFailure(failed, undefined);
  if (failure && !Buffer.isBuffer(body)) body.cancel();
  return failure;
}

function send(x: RoutedExchange): Promise<UpstreamResponse> {
  const { request, endpoint, parsed, target, model, key } = x;
  const { config, credential } = target.target;
  const { quirks } = credential.config;
  const body = upstreamBody(parsed, { endpoint, model, parameters: config.parameters, quirks });
  const { timeouts } = target.settings;
  const attempt = new Attempt(timeouts, request.receivedAt + timeouts.total);
  request.underWay = attempt;
  credential.upstream.send(
    { endpoint, model, headers: upstreamHeaders(x, credential.headers(key)), body },
    attempt,
  );
  return attempt.response;
}

/** The provider gets our headers, and of the caller's only what continues a trace or what the credential lists. */
function upstreamHeaders({ request, target }: RoutedExchange, headers: string[]): string[] {
  for (const name of target.target.credential.forwarded) {
    const value = request.req.headers[name];
    if (typeof value === 'string' && !endsHere(request.req.headers, name)) setHeader(headers, name, value);
  }
  return headers;
}

function setHeader(headers: string[], name: string, value: string): void {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === name) return void (headers[i + 1] = value);
  }
  headers.push(name, value);
}

/** What the caller's `connection` names is between it and us: https://www.rfc-editor.org/rfc/rfc9110#field.connection */
function endsHere({ connection }: IncomingHttpHeaders, name: string): boolean {
  if (connection === undefined || connection === 'keep-alive') return false;
  return connection.split(',').some((option) => option.trim().toLowerCase() === name);
}
