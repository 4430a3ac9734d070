import * as z from 'zod';
import { ruled } from './rules.ts';
import { aliasPattern, fraction, positiveDuration } from './scalars.ts';

const semantic = z
  .object({
    alias: aliasPattern().describe("Alias of an embedding model, of this policy's namespace."),
    threshold: fraction().describe(
      'Least similarity (cosine, 0 to 1) for an answer to be used again, for example "0.95".',
    ),
  })
  .describe('How alike two requests must be. Required for mode Semantic.');

/** When an earlier answer is given again. */
export const policyCache = ruled(
  z
    .object({
      mode: z
        .enum(['Exact', 'Semantic'])
        .describe(
          'Exact: for a request that is equal in everything that matters. Semantic: also for one that means the same.',
        ),
      ttl: positiveDuration().optional().describe('How long an answer may be used again. Default 1h.'),
      scope: z
        .enum(['Caller', 'Namespace', 'Alias'])
        .optional()
        .describe(
          'Who shares answers. Caller: each CallerKey for itself. Namespace: the CallerKeys of one namespace. Alias: everybody who may call the alias. Default Caller.',
        ),
      semantic: semantic.optional(),
    })
    .describe(
      'Answers that are given again without asking the provider; of several policies the most specific one decides as a whole. Not in a policy for ProviderCredentials: answers are looked up before one is chosen. Default: no cache.',
    ),
  {
    rule: "(self.mode == 'Semantic') == has(self.semantic)",
    message: 'semantic is required when mode is Semantic, and must be absent when it is Exact',
    fieldPath: '.semantic',
    check: ({ mode, semantic: set }) => (mode === 'Semantic') === (set !== undefined),
  },
);
