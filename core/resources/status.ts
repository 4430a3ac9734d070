import * as z from 'zod';
import { listBy, orderedList } from './collections.ts';
import { CONDITIONS, type ConditionType } from './conditions.ts';
import { freeText, instant, money } from './scalars.ts';

/** No generation: what `observedGeneration` is until the operator has seen the object. */
export const NOT_OBSERVED = -1;

const generation = (min: number) => z.int().min(min).max(Number.MAX_SAFE_INTEGER);
const count = () => z.int().min(0).max(1_000_000);

const condition = z
  .object({
    type: z.enum(Object.keys(CONDITIONS) as [ConditionType]).describe('What is judged.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
    reason: freeText(64).describe('Why, as one word of a closed list.'),
    message: z.string().max(32_768).describe('Why, as a sentence that names the field and the mend.'),
    lastTransitionTime: instant().describe('When status last changed.'),
    observedGeneration: generation(0).optional().describe('The metadata.generation that was judged.'),
  })
  .describe('One judgement.');

const common = {
  observedGeneration: generation(NOT_OBSERVED)
    .optional()
    .describe(
      'The metadata.generation that this status is about; -1 until the operator has seen the object.',
    ),
  conditions: listBy('type', condition, 16)
    .optional()
    .describe(
      'Accepted, ResolvedRefs, Programmed and Ready always; Reconciling and Stalled while they apply.',
    ),
  proxies: z
    .object({
      ready: count().describe('Proxies that are running and ready.'),
      programmed: count().describe('Those of them that have loaded this generation.'),
      revision: freeText(128)
        .optional()
        .describe('Revision of the configuration that holds this generation.'),
    })
    .optional()
    .describe('How far this generation has reached the proxies.'),
};

/** Status of ProviderCredential and ModelAlias. */
export const commonStatus = z
  .object(common)
  .describe('What became of the resource; written by the operator.');

/** Status of CallerKey. */
export const callerKeyStatus = z
  .object({
    ...common,
    prefix: freeText(32).optional().describe('The first characters of the key, to recognise it by.'),
    expiresAt: instant().optional().describe('When the key in use stops being valid.'),
    lastRotated: instant().optional().describe('When the key was last made anew.'),
  })
  .describe('What became of the resource; written by the operator.');

const spent = z
  .object({
    name: freeText(63).describe('Name of the budget.'),
    scope: freeText(512).describe('What it was counted for, for example Caller:shop/shop.'),
    spentUSD: money().describe('US dollars spent in the current window.'),
    limitUSD: money().describe('US dollars that may be spent in it.'),
    resetsAt: instant().describe('When the next window begins.'),
  })
  .describe('One budget for one caller, alias or other scope.');

/** Status of TrafficPolicy. */
export const trafficPolicyStatus = z
  .object({
    ...common,
    budgets: orderedList(spent, 256)
      .optional()
      .describe('What each budget has spent, the fullest first; refreshed at most every 30 s.'),
  })
  .describe('What became of the resource; written by the operator.');
