import * as z from 'zod';
import { setOf } from './collections.ts';
import { durationMs } from './duration.ts';
import { ruled } from './rules.ts';
import { positiveDuration } from './scalars.ts';

/** How long each part of a call may take. */
export const timeouts = z
  .object({
    connect: positiveDuration()
      .optional()
      .describe('Until the connection to the provider stands. Default 5s.'),
    firstByte: positiveDuration()
      .optional()
      .describe(
        'From sending the request to the first byte of the answer; then the next attempt, or 504. Default 10m: a thinking model may be silent that long.',
      ),
    idle: positiveDuration()
      .optional()
      .describe('Longest silence between two parts of an answer. Default 5m.'),
    total: positiveDuration()
      .optional()
      .describe('Whole request with all its attempts, streams included. Default 1h.'),
  })
  .describe('How long a call may take.');

const RETRY_ON = ['ConnectFailure', 'Timeout', '429', '500', '502', '503', '504', '529', '5xx'] as const;
const BREAK_ON = [...RETRY_ON, '401', '403', '404', '408'] as const;

const backoff = ruled(
  z
    .object({
      base: positiveDuration()
        .optional()
        .describe('Pause before the first retry; it doubles each time, with jitter. Default 100ms.'),
      max: positiveDuration().optional().describe('Longest pause. Default 2s.'),
    })
    .describe(
      "Pauses between attempts on the same target; another target is tried at once. A provider's retry-after is honoured.",
    ),
  {
    rule: '!has(self.base) || !has(self.max) || duration(self.base) <= duration(self.max)',
    message: 'base must not be longer than max',
    fieldPath: '.base',
    check: ({ base, max }) => base === undefined || max === undefined || durationMs(base) <= durationMs(max),
  },
);

/** When and how often a failed call is repeated. */
export const retries = z
  .object({
    attempts: z
      .int()
      .min(1)
      .max(10)
      .optional()
      .describe(
        'Attempts in all, the first included, on different targets where there are several. 1: no retry. Default 2.',
      ),
    retryOn: setOf(z.enum(RETRY_ON), 16)
      .optional()
      .describe(
        'What is worth another attempt, before the first byte has reached the caller. 429 is repeated on another target or key only. Default [ConnectFailure, Timeout, "429", "5xx"].',
      ),
    backoff: backoff.optional(),
    budgetPercent: z
      .int()
      .min(0)
      .max(100)
      .optional()
      .describe(
        'Most retries in percent of the requests of the last 10 s, so that an outage is not amplified. Default 20.',
      ),
    hedgeAfter: positiveDuration()
      .optional()
      .describe(
        'Sends a second attempt when there is no first byte after this time; the first answer wins, the other is cancelled, both are paid. Default: off.',
      ),
  })
  .describe('When and how often a failed attempt is repeated.');

/** When a failing target is left alone. */
export const circuitBreaker = ruled(
  z
    .object({
      failures: z
        .int()
        .min(1)
        .max(1000)
        .optional()
        .describe(
          'Failures within window that open the breaker; the target is then skipped. 1 is a plain cooldown. Default 5.',
        ),
      window: positiveDuration().optional().describe('Time over which failures are counted. Default 30s.'),
      openFor: positiveDuration()
        .optional()
        .describe(
          'How long the target is skipped before one request tries it again; doubled each time that fails. Default 30s.',
        ),
      maxOpenFor: positiveDuration()
        .optional()
        .describe('Longest time that a target is skipped, retry-after included. Default 10m.'),
      openOn: setOf(z.enum(BREAK_ON), 16)
        .optional()
        .describe('What counts as a failure. Default [ConnectFailure, Timeout, "401", "429", "5xx"].'),
    })
    .describe("When a failing target is skipped. A provider's retry-after rests it as well."),
  {
    rule: '!has(self.openFor) || !has(self.maxOpenFor) || duration(self.openFor) <= duration(self.maxOpenFor)',
    message: 'openFor must not be longer than maxOpenFor',
    fieldPath: '.openFor',
    check: ({ openFor, maxOpenFor }) =>
      openFor === undefined || maxOpenFor === undefined || durationMs(openFor) <= durationMs(maxOpenFor),
  },
);
