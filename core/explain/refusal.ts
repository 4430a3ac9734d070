import { ERRORS, type ErrorCode } from '../errors.ts';
import type { Outcome } from './explanation.ts';

/** An answer that is an error: what the proxy would answer with, and a message for whoever operates it. */
export function refusal(code: ErrorCode, message: string): Outcome {
  return { allowed: false, code, status: ERRORS[code].status, message };
}
