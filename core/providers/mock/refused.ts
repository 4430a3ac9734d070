import type { InProcessAnswer } from '../provider.ts';

/** OpenAI's error object: https://platform.openai.com/docs/guides/error-codes */
export interface WireError {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}

/** A request that the provider does not answer as asked; caught where the answer is made. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly body: WireError;
  readonly headers: Record<string, string>;

  constructor(status: number, body: WireError, headers: Record<string, string> = {}) {
    super(body.message);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }

  get answer(): InProcessAnswer {
    return {
      status: this.status,
      headers: { 'content-type': 'application/json', ...this.headers },
      steps: [{ write: JSON.stringify({ error: this.body }) }],
    };
  }
}

export function invalidRequest(message: string, param: string | null, code: string | null = null): Refused {
  return new Refused(400, { message, type: 'invalid_request_error', param, code });
}

export function modelNotFound(model: string): Refused {
  const message = `The model \`${model}\` does not exist or you do not have access to it.`;
  return new Refused(404, { message, type: 'invalid_request_error', param: null, code: 'model_not_found' });
}
