import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const ACCEPTED = /^[\w.:-]{1,128}$/;

/** 96 random bits for this process, and a number: unique over all processes, and cheaper than random anew. */
const PREFIX = `req_${randomBytes(12).toString('hex')}`;
let count = 0;

/** The caller's own `x-request-id` when it is harmless, so that logs of both sides can be joined; else a new one. */
export function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && ACCEPTED.test(given) ? given : newRequestId();
}

export function newRequestId(): string {
  return PREFIX + (count++).toString(16).padStart(8, '0');
}
