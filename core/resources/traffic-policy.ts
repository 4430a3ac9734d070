import * as z from 'zod';
import { orderedList } from './collections.ts';
import type { Metadata } from './metadata.ts';
import { policyCache } from './policy-cache.ts';
import { policyGuardrails } from './policy-guardrails.ts';
import { policyBudgets, policyLimits } from './policy-limits.ts';
import { circuitBreaker, retries, timeouts } from './policy-resilience.ts';
import { labelSelector } from './references.ts';
import { ruled } from './rules.ts';
import { fraction, freeText, labelName, objectName } from './scalars.ts';

const targetRef = ruled(
  z
    .object({
      kind: z
        .enum(['CallerKey', 'ModelAlias', 'ProviderCredential'])
        .describe(
          'CallerKey: requests made with the key. ModelAlias: requests to the alias. ProviderCredential: requests while they are sent with the credential.',
        ),
      name: objectName()
        .optional()
        .describe('metadata.name of the object. Exactly one of name and selector.'),
      namespace: labelName()
        .optional()
        .describe(
          "Namespace of the object; default: this policy's own. Another one narrows what the policy governs and never reaches further: only requests to this namespace's aliases or with this namespace's keys are governed.",
        ),
      selector: labelSelector('Objects of this kind in the namespace, by their labels.').optional(),
    })
    .describe('One object, or several by their labels.'),
  {
    rule: 'has(self.name) != has(self.selector)',
    message: 'set exactly one of name and selector',
    check: ({ name, selector }) => (name === undefined) !== (selector === undefined),
  },
);

const request = z
  .object({
    systemPrompt: z
      .object({
        prepend: freeText(8192).describe("Text that is put before the caller's own system prompt."),
      })
      .optional()
      .describe('Adds to the system prompt. Default: it is left as the caller wrote it.'),
    maxBodyBytes: z
      .int()
      .min(1024)
      .max(1_073_741_824)
      .optional()
      .describe(
        'Largest request body in bytes; a larger one is refused with 413. Default 33554432 (32 MiB).',
      ),
    maxTokens: z
      .int()
      .min(1)
      .max(10_000_000)
      .optional()
      .describe(
        'Most output tokens a request may ask for: a larger wish is lowered to it, a missing one is set to it. Default: no bound.',
      ),
  })
  .describe('What a request may look like.');

const telemetry = z
  .object({
    captureContent: z
      .boolean()
      .optional()
      .describe(
        'true records prompts and answers in traces. They may hold personal data: think first. Default false.',
      ),
    sampleRate: fraction()
      .optional()
      .describe(
        'Share of requests whose trace is recorded, as a string from "0" to "1". Metrics and logs always see all. Default "1".',
      ),
  })
  .describe('What is recorded about requests.');

/** What a TrafficPolicy says. */
export const trafficPolicySpec = z
  .object({
    targetRefs: orderedList(targetRef, 16)
      .optional()
      .describe(
        "What the policy applies to; a request that any entry fits is governed. Default and []: every request to this namespace's aliases.",
      ),
    mode: z
      .enum(['Enforce', 'Monitor'])
      .optional()
      .describe('Monitor records what would have happened and changes nothing. Default Enforce.'),
    onRedisLoss: z
      .enum(['Local', 'Deny', 'Allow'])
      .optional()
      .describe(
        'What limits and budgets do while the shared store is away. Local: count in this process against its share. Deny: refuse with 503. Allow: let pass. Default: limits Local, budgets Deny.',
      ),
    limits: policyLimits.optional(),
    budgets: policyBudgets.optional(),
    timeouts: timeouts.optional(),
    retries: retries.optional(),
    circuitBreaker: circuitBreaker.optional(),
    cache: policyCache.optional(),
    guardrails: policyGuardrails.optional(),
    request: request.optional(),
    telemetry: telemetry.optional(),
  })
  .describe(
    'Rules for requests. Where several policies apply, limits, budgets and guardrails add up; of every other field the most specific policy that sets it wins (namespace, then ProviderCredential, ModelAlias, CallerKey; of equals, the younger).',
  );

export type TrafficPolicySpec = z.output<typeof trafficPolicySpec>;
export type TargetReference = NonNullable<TrafficPolicySpec['targetRefs']>[number];
export type PolicyLimit = NonNullable<TrafficPolicySpec['limits']>[number];
export type PolicyBudget = NonNullable<TrafficPolicySpec['budgets']>[number];

/** Limits, budgets, timeouts, retries, cache and guardrails for the requests it applies to. */
export interface TrafficPolicy {
  apiVersion: 'modelgate.dev/v1alpha1';
  kind: 'TrafficPolicy';
  metadata: Metadata;
  spec: TrafficPolicySpec;
}
