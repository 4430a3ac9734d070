import type { GatewayError } from '../../errors.ts';

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
