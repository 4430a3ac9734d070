import * as z from 'zod';
import { listBy, setOf } from './collections.ts';
import { ruled } from './rules.ts';
import { aliasPattern, labelName, money, scope } from './scalars.ts';

const MOST = 1_000_000_000_000;
const METERS = ['requests', 'tokens', 'inputTokens', 'outputTokens', 'concurrent'] as const;

const scopeOf = (what: string) =>
  scope()
    .optional()
    .describe(
      `What ${what} is counted by. Caller: each CallerKey for itself. Alias: each alias, all callers together. CallerAndAlias: each pair. Target: each model behind an alias. Namespace: all requests that the policy governs together, by the caller's namespace. Header:<name>: each value of that request header; Attribute:<name>: each value of that attribute of the CallerKey; requests without it share one count. Default Caller.`,
    );

const amount = (what: string) => z.int().min(1).max(MOST).optional().describe(what);

const limit = ruled(
  z
    .object({
      name: labelName().describe(
        'Name of the limit, unique in the policy; it stands in errors, logs and metrics.',
      ),
      requests: amount('Most requests in a window.'),
      tokens: amount('Most tokens in a window, input and output together.'),
      inputTokens: amount('Most input tokens in a window.'),
      outputTokens: amount('Most output tokens in a window.'),
      concurrent: amount('Most requests in flight at once; has no window.'),
      per: z
        .enum(['Second', 'Minute', 'Hour', 'Day', 'Week', 'Month'])
        .optional()
        .describe(
          'The window, aligned to the UTC calendar (weeks begin on Monday). Required for all but concurrent.',
        ),
      scope: scopeOf('the limit'),
    })
    .describe('One bound. Exactly one of requests, tokens, inputTokens, outputTokens and concurrent.'),
  {
    rule: `[${METERS.map((name) => `has(self.${name})`).join(', ')}].exists_one(x, x)`,
    message: `set exactly one of ${METERS.slice(0, -1).join(', ')} and ${METERS.at(-1)}; write a second limit for a second bound`,
    check: (entry) => METERS.filter((name) => entry[name] !== undefined).length === 1,
  },
  {
    rule: 'has(self.concurrent) != has(self.per)',
    message: 'per is required (Second, Minute, Hour, Day, Week or Month), and must be absent with concurrent',
    fieldPath: '.per',
    check: ({ concurrent, per }) => (concurrent === undefined) !== (per === undefined),
  },
);

/** Bounds on rate and concurrency. */
export const policyLimits = listBy('name', limit, 32).describe(
  'Bounds on requests, tokens and concurrency; all hold. A request beyond one gets 429 (rate_limit_exceeded) with retry-after.',
);

const budget = ruled(
  z
    .object({
      name: labelName().describe(
        'Name of the budget, unique in the policy; it stands in errors, logs, metrics and status.budgets.',
      ),
      usd: money().describe('US dollars that may be spent in a window, as a string: "250.00".'),
      per: z
        .enum(['Hour', 'Day', 'Week', 'Month'])
        .describe('The window, aligned to the UTC calendar (weeks begin on Monday).'),
      scope: scopeOf('the budget'),
      onExceeded: z
        .enum(['Deny', 'Warn', 'Downgrade'])
        .optional()
        .describe(
          'What happens to a request that the budget does not cover. Deny: 429 (insufficient_quota). Warn: it passes and is recorded. Downgrade: it goes to downgrade.alias. Default Deny.',
        ),
      downgrade: z
        .object({
          alias: aliasPattern().describe(
            "Alias of this policy's namespace that takes the requests over; its cost still counts.",
          ),
        })
        .optional()
        .describe('Required when onExceeded is Downgrade.'),
      warnAt: setOf(z.int().min(1).max(100), 8)
        .optional()
        .describe(
          'Percentages of the budget at which a warning event is recorded, for example [50, 80, 95]. Default: none.',
        ),
    })
    .describe('One budget. Every model it covers needs a known price (PriceUnknown otherwise).'),
  {
    rule: "(has(self.onExceeded) && self.onExceeded == 'Downgrade') == has(self.downgrade)",
    message: 'downgrade is required when onExceeded is Downgrade, and must be absent otherwise',
    fieldPath: '.downgrade',
    check: ({ onExceeded, downgrade }) => (onExceeded === 'Downgrade') === (downgrade !== undefined),
  },
);

/** Bounds on money. */
export const policyBudgets = listBy('name', budget, 16).describe(
  'Bounds on money; all hold. The worst case is reserved before the call and the true cost settled after it.',
);
