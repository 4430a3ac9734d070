/**
 * The catalogue of everything that a caller can be told. Thrown only from here; `docs/errors.md` is held against
 * it by a test. `type` is OpenAI's `error.type` (https://platform.openai.com/docs/guides/error-codes).
 */
export interface ErrorKind {
  status: number;
  type: string;
  /** When a caller sees it, and what to do next. One sentence each, for the documentation. */
  when: string;
  mend: string;
  /** `x-should-retry: false`: official SDKs then do not try again by themselves. */
  final?: true;
}

const caller = 'invalid_request_error';

export const ERRORS = {
  invalid_request: {
    status: 400,
    type: caller,
    when: 'The HTTP request itself is malformed: duplicate Host, a body on a GET, a bad header.',
    mend: 'Send the request with an ordinary HTTP client.',
  },
  invalid_json: {
    status: 400,
    type: caller,
    when: 'The body is not a JSON object, is nested too deeply, or names a deciding field twice.',
    mend: 'Send one JSON object; name each field once.',
  },
  invalid_parameter: {
    status: 400,
    type: caller,
    when: 'A field that the gateway decides on is missing or has the wrong type.',
    mend: 'Correct the field that `param` names.',
  },
  no_matching_target: {
    status: 400,
    type: caller,
    when: 'Every target of the alias has a condition, and this request meets none.',
    mend: 'Send the header that a target asks for, or add a target without a condition.',
  },
  invalid_api_key: {
    status: 401,
    type: 'authentication_error',
    when: 'No key was sent, or no caller has it.',
    mend: 'Send a caller key, or the token of a ServiceAccount that a CallerKey names, as `Authorization: Bearer <key>` or `x-api-key`.',
  },
  api_key_disabled: {
    status: 401,
    type: 'authentication_error',
    when: 'The caller key is disabled.',
    mend: 'Ask its owner to set `disabled: false` on the CallerKey.',
  },
  api_key_expired: {
    status: 401,
    type: 'authentication_error',
    when: 'The caller key is past its `expiresAt`, or was rotated and its overlap is over.',
    mend: 'Use the new key.',
  },
  permission_denied: {
    status: 403,
    type: 'permission_error',
    when: 'The alias exists and the key may know of it, but its `aliases` do not include it.',
    mend: 'Add the alias to the CallerKey.',
  },
  model_not_found: {
    status: 404,
    type: caller,
    when: 'No alias of this name is visible to the key.',
    mend: 'Pick one of `GET /v1/models`.',
  },
  unknown_endpoint: {
    status: 404,
    type: caller,
    when: 'The gateway has no such path.',
    mend: 'Check the base URL: SDKs of OpenAI expect it to end in /v1.',
  },
  method_not_allowed: {
    status: 405,
    type: caller,
    when: 'The path exists, with another method.',
    mend: 'Use the method that the `allow` header names.',
  },
  request_too_large: {
    status: 413,
    type: caller,
    when: 'The body is larger than `request.maxBodyBytes` (32 MiB unless a policy says otherwise).',
    mend: 'Send less, or raise the limit in a TrafficPolicy.',
  },
  unsupported_media_type: {
    status: 415,
    type: caller,
    when: 'The body is not `application/json` in UTF-8, or it is compressed.',
    mend: 'Send `content-type: application/json` without a content-encoding.',
  },
  rate_limit_exceeded: {
    status: 429,
    type: 'rate_limit_error',
    when: 'A limit of a TrafficPolicy is used up.',
    mend: 'Wait for as long as `retry-after` says.',
  },
  upstream_rate_limited: {
    status: 429,
    type: 'rate_limit_error',
    when: 'Every provider behind the alias answered 429.',
    mend: 'Wait for as long as `retry-after` says, or add a target.',
  },
  upstream_error: {
    status: 502,
    type: 'upstream_error',
    when: 'The provider failed: it could not be reached, answered 5xx, or broke off.',
    mend: 'Try again; the gateway has already tried the other targets.',
  },
  upstream_credential_rejected: {
    status: 502,
    type: 'upstream_error',
    when: 'The provider refused the credential of the gateway.',
    mend: 'The owner of the ProviderCredential must check its Secret.',
    final: true,
  },
  upstream_address_denied: {
    status: 502,
    type: 'upstream_error',
    when: 'The host of the provider has an address that the gateway must not call, such as a private one.',
    mend: 'The owner of the ProviderCredential must check its `baseURL`; private addresses have to be allowed with `--allow-private-upstreams`.',
    final: true,
  },
  upstream_model_not_found: {
    status: 502,
    type: 'upstream_error',
    when: 'The provider does not know the model or path that the target names.',
    mend: 'The owner of the ModelAlias must check `targets[].model` and the `baseURL` of its credential.',
    final: true,
  },
  no_healthy_target: {
    status: 503,
    type: 'upstream_error',
    when: 'Every target of the alias is drained or resting after failures, or none can be used.',
    mend: 'Wait for as long as `retry-after` says; if it lasts, look at the status of the ModelAlias.',
  },
  not_ready: {
    status: 503,
    type: 'server_error',
    when: 'The gateway has no configuration yet, or it is shutting down.',
    mend: 'Try again.',
  },
  upstream_timeout: {
    status: 504,
    type: 'upstream_error',
    when: 'The provider was silent for longer than the timeouts of the policy allow.',
    mend: 'Try again, or raise `timeouts` in a TrafficPolicy.',
  },
  internal_error: {
    status: 500,
    type: 'server_error',
    when: 'A defect of the gateway.',
    mend: 'Report it with the request id.',
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorDetails {
  /** The field of the request that is wrong. */
  param?: string;
  /** Milliseconds until another try makes sense. */
  retryAfter?: number;
  /** Further response headers, names in lower case. */
  headers?: Record<string, string>;
  cause?: unknown;
}

/** Errors without a stack: finding out where one was made is most of what a 401 costs. */
const Stackless = function (): void {} as unknown as typeof Error;
Object.defineProperty(Stackless, 'prototype', { value: Error.prototype });

/**
 * An answer to the caller that is an error. `message` is shown: no key, no internal address. It is an answer, not a
 * defect: where it was thrown tells nothing.
 */
export class GatewayError extends Stackless {
  override readonly name = 'GatewayError';
  override readonly message: string;
  override readonly cause: unknown;
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super();
    this.message = message;
    this.cause = details.cause;
    this.code = code;
    this.details = details;
  }

  get kind(): ErrorKind {
    return ERRORS[this.code];
  }
}
