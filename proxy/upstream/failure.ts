import type { Failure } from '../../core/config/config.ts';
import { GatewayError } from '../../core/errors.ts';
import { AddressDenied } from './connect.ts';

/** Why an attempt failed: what policies name in `on`, or one of the reasons that no policy can retry. */
export type FailureReason = Failure | 'AddressDenied' | 'Redirect' | '404' | 'BadAnswer' | 'Cancelled';

interface Facts {
  status?: number;
  /** Milliseconds, as the provider asked for. */
  retryAfter?: number | undefined;
}

/** An attempt that is not the caller's fault and has not reached the caller yet. */
export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';
  readonly reason: FailureReason;
  readonly retryAfter: number | undefined;
  /** What the caller is told when no other attempt succeeds. */
  readonly shown: GatewayError;

  constructor(reason: FailureReason, shown: GatewayError, { retryAfter }: Facts = {}) {
    super(shown.message);
    this.reason = reason;
    this.shown = shown;
    this.retryAfter = retryAfter;
  }
}

/** The credential has to be mended, its key or its address: asking the same target again is of no use. */
export function isCredentialsFault({ reason }: UpstreamFailure): boolean {
  return reason === '401' || reason === '403' || reason === 'AddressDenied';
}

export function connectionFailure(error: Error): UpstreamFailure {
  if (error instanceof AddressDenied) return addressDenied(error);
  const message = `The provider could not be reached or broke off (${codeOf(error)}).`;
  return new UpstreamFailure('ConnectFailure', new GatewayError('upstream_error', message, { cause: error }));
}

/** Which address it is, is not for callers to know. */
function addressDenied(cause: AddressDenied): UpstreamFailure {
  const message = 'The address of the provider is one that the gateway must not call.';
  return new UpstreamFailure(
    'AddressDenied',
    new GatewayError('upstream_address_denied', message, { cause }),
  );
}

export function timeoutFailure(what: string, ms: number, reason: FailureReason = 'Timeout'): UpstreamFailure {
  const message = `The provider ${what} within ${ms / 1_000} s (timeouts of the policy).`;
  return new UpstreamFailure(reason, new GatewayError('upstream_timeout', message));
}

/** The caller left: nothing is shown to anybody. */
export function cancelled(): UpstreamFailure {
  return new UpstreamFailure('Cancelled', new GatewayError('not_ready', 'The request was cancelled.'));
}

export function badAnswer(what: string): UpstreamFailure {
  return new UpstreamFailure('BadAnswer', new GatewayError('upstream_error', `The provider ${what}.`));
}

/**
 * What a status means: undefined when the answer is the caller's, also a 4xx about its request; else a failure.
 * A 401, 403 or 404 is about our credential or target: the caller can do nothing about it.
 */
export function statusFailure(status: number, retryAfter: number | undefined): UpstreamFailure | undefined {
  if (status >= 500) return fromStatus('5xx', 'upstream_error', `answered ${status}`, { retryAfter });
  const failure = FAILURES[status];
  if (failure) return fromStatus(failure[0], failure[1], failure[2], { retryAfter });
  if (status < 300 || status >= 400) return undefined;
  return fromStatus('Redirect', 'upstream_error', 'answered with a redirect, which is never followed', {});
}

const FAILURES: Record<number, [FailureReason, ConstructorParameters<typeof GatewayError>[0], string]> = {
  401: ['401', 'upstream_credential_rejected', "refused the gateway's credential"],
  403: ['403', 'upstream_credential_rejected', "refused the gateway's credential"],
  404: ['404', 'upstream_model_not_found', "does not know the target's model or path"],
  408: ['408', 'upstream_timeout', 'gave up waiting'],
  429: ['429', 'upstream_rate_limited', 'limits the rate of requests'],
};

/** Milliseconds; callers are always told how long to wait for a rate limit. */
const UNNAMED_WAIT = 1_000;

function fromStatus(
  reason: FailureReason,
  code: ConstructorParameters<typeof GatewayError>[0],
  what: string,
  { retryAfter }: Facts,
): UpstreamFailure {
  const wait = retryAfter ?? (reason === '429' ? UNNAMED_WAIT : undefined);
  const details = wait === undefined ? {} : { retryAfter: wait };
  return new UpstreamFailure(reason, new GatewayError(code, `The provider ${what}.`, details), {
    retryAfter,
  });
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'connection closed';
}
