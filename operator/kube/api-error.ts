/** The part of a Status object that matters: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
export interface StatusBody {
  code?: number;
  reason?: string;
  message?: string;
  details?: { retryAfterSeconds?: number };
}

/** The API server said no. Its messages name objects and fields; they do not quote the values of Secrets. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status. */
  readonly code: number;
  /** One word, for example `Conflict`. */
  readonly reason: string;
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter: number | undefined;

  constructor(what: string, code: number, body: StatusBody) {
    super(`${what}: ${code} ${body.reason ?? ''} ${body.message ?? ''}`.trimEnd());
    this.code = code;
    this.reason = body.reason ?? '';
    const seconds = body.details?.retryAfterSeconds;
    this.retryAfter = seconds === undefined ? undefined : seconds * 1_000;
  }
}

export function hasCode(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof ApiError && codes.includes(error.code);
}

/** The object is not there, or no longer, or another one has its name: nothing to write to. */
export function isGone(error: unknown): boolean {
  return hasCode(error, 404, 409);
}

/** Nothing is wrong with the request: the server is away, starting or busy. */
export function isServerAway(error: unknown): boolean {
  return !(error instanceof ApiError) || error.code === 429 || error.code === 503;
}
