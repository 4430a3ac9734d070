import type { GatewayError } from '../../errors.ts';
import { eventAt, eventData } from '../../sse/framer.ts';
import { parseChunk } from './chunk.ts';

/** OpenAI's error object, which its SDKs map to typed errors: https://platform.openai.com/docs/guides/error-codes */
export function renderError(error: GatewayError): string {
  const { code, message, details, kind } = error;
  const param = details.param === undefined ? 'null' : JSON.stringify(details.param);
  return `{"error":{"message":${JSON.stringify(message)},"type":"${kind.type}","code":"${code}","param":${param}}}`;
}

/** SDKs raise an APIError for a data object with `error`: openai-node `src/core/streaming.ts`. */
export function renderErrorEvent(error: GatewayError): string {
  return `data: ${renderError(error)}\n\n`;
}

/** The body of an error answer is what an event carries, on one line. */
export function relayErrorEvent(body: Buffer): string | undefined {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    const isError = typeof answer === 'object' && answer !== null && 'error' in answer;
    return isError ? `data: ${JSON.stringify(answer)}\n\n` : undefined;
  } catch {
    return undefined;
  }
}

const ERROR = Buffer.from('"error"');

/** What providers say instead of a status; https://platform.openai.com/docs/guides/error-codes */
const STATUSES: Record<string, number> = {
  invalid_request_error: 400,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
};
const UNNAMED = 500;

/** OpenRouter and vLLM put the status into `code`: https://openrouter.ai/docs/api-reference/errors */
export function failedAtOnce(beginning: Buffer): number | undefined {
  const { start, end } = eventAt(beginning, 0);
  const event = beginning.subarray(start, end);
  const error = event.includes(ERROR) ? parseChunk(eventData(event) ?? '')?.error : undefined;
  return typeof error === 'object' && error !== null ? statusOf(error) : undefined;
}

function statusOf({ code, type }: WireError): number {
  if (typeof code === 'number' && code >= 400 && code < 600) return code;
  return STATUSES[String(code)] ?? STATUSES[String(type)] ?? UNNAMED;
}

interface WireError {
  code?: unknown;
  type?: unknown;
}
