import { modelNotFound, Refused, type WireError } from './refused.ts';

/** Whole seconds; a 429 also says it in milliseconds, as OpenAI's does. */
const RETRY_AFTER = 1;

/** How OpenAI words what it refuses: https://platform.openai.com/docs/guides/error-codes/api-errors */
const ERRORS: Record<number, Partial<WireError> & { message: string }> = {
  400: { message: 'Invalid request: this model refuses every request.', code: 'invalid_value' },
  401: {
    message:
      'Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.',
    code: 'invalid_api_key',
  },
  403: {
    message: 'Country, region, or territory not supported',
    type: 'request_forbidden',
    code: 'unsupported_country_region_territory',
  },
  429: {
    message: `Rate limit reached for requests. Limit: 3 / min. Please try again in ${RETRY_AFTER}s.`,
    type: 'requests',
    code: 'rate_limit_exceeded',
  },
  500: { message: 'The server had an error while processing your request. Sorry about that!' },
  503: { message: 'The engine is currently overloaded, please try again later.' },
};

const HEADERS: Record<number, Record<string, string>> = {
  429: { 'retry-after': String(RETRY_AFTER), 'retry-after-ms': String(RETRY_AFTER * 1_000) },
};

/** The error of a status, 400 to 599. */
export function errorOf(status: number, model: string): Refused {
  if (status === 404) return modelNotFound(model);
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  const body = {
    type,
    param: null,
    code: null,
    message: `The model answers with ${status}.`,
    ...ERRORS[status],
  };
  return new Refused(status, body, HEADERS[status]);
}
