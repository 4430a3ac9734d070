import * as z from 'zod';
import { anyJson, mapOf, setOf } from './collections.ts';
import { ruled } from './rules.ts';
import { decimal, freeText } from './scalars.ts';

const parameterName = () => freeText(64);

const bounds = ruled(
  z
    .object({
      min: decimal().optional().describe('Smallest value; a smaller one is raised to it.'),
      max: decimal().optional().describe('Largest value; a larger one is lowered to it.'),
    })
    .describe('Bounds of one parameter; at least one of min and max.'),
  {
    rule: 'has(self.min) || has(self.max)',
    message: 'set min, max or both',
    check: ({ min, max }) => min !== undefined || max !== undefined,
  },
  {
    rule: '!has(self.min) || !has(self.max) || double(self.min) <= double(self.max)',
    message: 'min must not be greater than max',
    fieldPath: '.min',
    check: ({ min, max }) => min === undefined || max === undefined || Number(min) <= Number(max),
  },
);

/** Changes to the body of a request on its way to one target. */
export const parameters = z
  .object({
    rename: mapOf(parameterName(), parameterName().describe('Name that the provider knows.'), 32)
      .optional()
      .describe("Parameters that have another name at this provider: the caller's name to the provider's."),
    default: mapOf(parameterName(), anyJson('Value when the caller sends none.'), 64)
      .optional()
      .describe('Parameters that are added when the caller did not send them.'),
    clamp: mapOf(parameterName(), bounds, 32)
      .optional()
      .describe(
        'Numeric parameters that are kept within bounds. A parameter that the request has not is not added.',
      ),
    drop: setOf(parameterName(), 64).optional().describe('Parameters that are taken out of the request.'),
    set: mapOf(parameterName(), anyJson('Value that is sent, whatever the caller sent.'), 64)
      .optional()
      .describe('Parameters that always have this value.'),
  })
  .describe(
    'Changes to top-level members of the request body, applied in the order drop, rename, default, clamp, set. "model" and "stream" are not parameters and stay untouched.',
  );
