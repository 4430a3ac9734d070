import { GatewayError } from '../../core/errors.ts';

/** What the caller is told about a defect of ours; the cause is for the log. */
export function defect(cause: unknown): GatewayError {
  return new GatewayError('internal_error', 'The gateway failed. Report it with the request id.', { cause });
}
