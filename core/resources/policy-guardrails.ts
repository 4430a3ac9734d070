import * as z from 'zod';
import { listBy, orderedList, setOf } from './collections.ts';
import { credentialRef } from './references.ts';
import { type Rule, ruled } from './rules.ts';
import { endpointURL, freeText, labelName, positiveDuration } from './scalars.ts';

const KINDS = ['Regex', 'PII', 'Webhook', 'Moderation'] as const;

const members = z.object({
  name: labelName().describe(
    'Name of the guardrail, unique in the policy; it stands in errors, logs and metrics.',
  ),
  applyTo: setOf(z.enum(['Input', 'Output']), 2)
    .min(1)
    .describe('Input: what the caller sends. Output: what the model answers, streams included.'),
  kind: z
    .enum(KINDS)
    .describe(
      'Regex: patterns. PII: built-in detectors. Webhook: a service of yours decides. Moderation: the moderation endpoint of a provider decides.',
    ),
  patterns: orderedList(freeText(1024), 64)
    .min(1)
    .optional()
    .describe(
      'Regular expressions in RE2 syntax (no lookaround, no back-references); one match is enough. Only and required for Regex.',
    ),
  entities: setOf(z.enum(['Email', 'CreditCard', 'IBAN', 'Phone', 'IPAddress']), 5)
    .min(1)
    .optional()
    .describe('What to look for. Only and required for PII.'),
  url: endpointURL().optional().describe('Where the text is sent with POST. Only and required for Webhook.'),
  timeout: positiveDuration()
    .optional()
    .describe('How long Webhook and Moderation may take; then onError decides. Default 2s.'),
  onError: z
    .enum(['Deny', 'Allow'])
    .optional()
    .describe(
      'What happens when Webhook or Moderation does not answer. Deny: the request is refused. Default Deny.',
    ),
  credentialRef: credentialRef(
    'The ProviderCredential whose moderation endpoint is asked. Only and required for Moderation.',
  ).optional(),
  action: z
    .enum(['Block', 'Mask'])
    .describe(
      'Block: 422 (content_filter), or the end of the stream with an error. Mask: what was found is replaced by its name in brackets; only for Regex and PII.',
    ),
});

type Guardrail = z.output<typeof members>;

/** A rule that a member is there for one kind, and for no other. */
const exactlyFor = (member: keyof Guardrail, kind: (typeof KINDS)[number]): Rule<Guardrail> => ({
  rule: `(self.kind == '${kind}') == has(self.${member})`,
  message: `${member} is required for kind ${kind}, and must be absent for any other`,
  fieldPath: `.${member}`,
  check: (entry) => (entry.kind === kind) === (entry[member] !== undefined),
});

const calls = (kind: string): boolean => kind === 'Webhook' || kind === 'Moderation';

const guardrail = ruled(
  members.describe('One check of the text that goes in or comes out.'),
  exactlyFor('patterns', 'Regex'),
  exactlyFor('entities', 'PII'),
  exactlyFor('url', 'Webhook'),
  exactlyFor('credentialRef', 'Moderation'),
  {
    rule: "self.kind in ['Webhook', 'Moderation'] || (!has(self.timeout) && !has(self.onError))",
    message: 'timeout and onError are for kind Webhook and Moderation only: remove them',
    check: ({ kind, timeout, onError }) => calls(kind) || (timeout === undefined && onError === undefined),
  },
  {
    rule: "self.action != 'Mask' || self.kind in ['Regex', 'PII']",
    message: 'action Mask is for kind Regex and PII only: use Block',
    fieldPath: '.action',
    check: ({ kind, action }) => action !== 'Mask' || !calls(kind),
  },
);

/** Checks of what goes in and comes out. */
export const policyGuardrails = listBy('name', guardrail, 16).describe(
  'Checks of what goes in and comes out, in this order; all of them hold.',
);
