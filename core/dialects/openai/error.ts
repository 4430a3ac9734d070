import type { GatewayError } from '../../errors.ts';

/** OpenAI's error object, which its SDKs map to typed errors: https://platform.openai.com/docs/guides/error-codes */
export function renderError(error: GatewayError): string {
  const { code, message, details, kind } = error;
  return JSON.stringify({ error: { message, type: kind.type, code, param: details.param ?? null } });
}

/** SDKs raise an APIError for a data object with `error`: openai-node `src/core/streaming.ts`. */
export function renderErrorEvent(error: GatewayError): string {
  return `data: ${renderError(error)}\n\n`;
}
