import * as z from 'zod';
import { listBy, orderedList } from './collections.ts';
import { ruled } from './rules.ts';
import { aliasPattern, fraction, freeText, headerName, labelName } from './scalars.ts';

/** How a target is picked within one tier. */
export const STRATEGIES = [
  'Weighted',
  'LeastLatency',
  'LeastBusy',
  'LeastCost',
  'ConsistentHash',
  'Semantic',
] as const;

const hashOn = ruled(
  z
    .object({
      header: headerName()
        .optional()
        .describe('Hash the value of this request header, for example x-session-id.'),
      cookie: headerName().optional().describe('Hash the value of this cookie.'),
      caller: z.literal(true).optional().describe('true: hash the CallerKey.'),
      clientIP: z.literal(true).optional().describe('true: hash the address of the client.'),
    })
    .describe(
      'What requests must have in common to reach the same target; exactly one member. A request that lacks it is spread by weight. Required for ConsistentHash.',
    ),
  {
    rule: '[has(self.header), has(self.cookie), has(self.caller), has(self.clientIP)].exists_one(x, x)',
    message: 'set exactly one of header, cookie, caller and clientIP',
    check: (members) => Object.values(members).filter((member) => member !== undefined).length === 1,
  },
);

const semantic = z
  .object({
    embedAlias: aliasPattern().describe(
      'Alias of an embedding model, of the same namespace, that examples and requests are embedded with.',
    ),
    threshold: fraction().describe(
      'Least similarity (cosine, 0 to 1) for a route to be taken, for example "0.75".',
    ),
    routes: listBy(
      'name',
      z
        .object({
          name: labelName().describe('Name of the route, for logs and explain.'),
          examples: orderedList(freeText(512), 32).min(1).describe('Requests that belong to this route.'),
          target: z.int().min(0).max(15).describe('Index in targets, counted from 0.'),
        })
        .describe('One kind of request and where it goes.'),
      16,
    )
      .min(1)
      .describe('The most similar route wins; of equals, the first.'),
    default: z
      .int()
      .min(0)
      .max(15)
      .describe('Index in targets, counted from 0, for requests that no route fits.'),
  })
  .describe('Picks the target by the meaning of the last user message. Required for Semantic.');

const isStrategy = (name: string): string => `(has(self.strategy) && self.strategy == '${name}')`;

/** How one target is chosen among those of an alias. */
export const aliasRouting = ruled(
  z
    .object({
      strategy: z
        .enum(STRATEGIES)
        .optional()
        .describe(
          'How a target is picked among the healthy ones of the first tier that has any. Weighted: in proportion to weight. LeastLatency: the shortest recent time to first byte. LeastBusy: the fewest requests in flight. LeastCost: the lowest price. ConsistentHash: by hashOn. Semantic: by semantic. Ties go to the one listed first. Default Weighted.',
        ),
      hashOn: hashOn.optional(),
      whenAllUnhealthy: z
        .enum(['TryLeastBad', 'Fail'])
        .optional()
        .describe(
          'When every target rests: TryLeastBad tries the one that is due first, Fail answers 503 with retry-after at once. Default TryLeastBad.',
        ),
      semantic: semantic.optional(),
    })
    .describe('How a target is chosen. Default: Weighted.'),
  {
    rule: `${isStrategy('ConsistentHash')} == has(self.hashOn)`,
    message: 'hashOn is required for strategy ConsistentHash, and must be absent for any other',
    fieldPath: '.hashOn',
    check: ({ strategy, hashOn: set }) => (strategy === 'ConsistentHash') === (set !== undefined),
  },
  {
    rule: `${isStrategy('Semantic')} == has(self.semantic)`,
    message: 'semantic is required for strategy Semantic, and must be absent for any other',
    fieldPath: '.semantic',
    check: ({ strategy, semantic: set }) => (strategy === 'Semantic') === (set !== undefined),
  },
);
