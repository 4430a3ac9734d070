import * as z from 'zod';
import { aliasRouting } from './alias-routing.ts';
import { parameters } from './alias-parameters.ts';
import { mapOf, orderedList, setOf } from './collections.ts';
import type { Metadata } from './metadata.ts';
import { allowedNamespaces, credentialRef, labelSelector } from './references.ts';
import { ruled } from './rules.ts';
import { aliasPattern, cidr, freeText, headerName, headerValue, money } from './scalars.ts';

const when = z
  .object({
    headers: mapOf(headerName(), headerValue().describe('Exact value of the header.'), 16)
      .optional()
      .describe('Headers of the request, by name (in any case) and exact value. All must match.'),
    callers: labelSelector('Labels of the CallerKey that makes the request.').optional(),
  })
  .describe(
    'Conditions on the request. The target is considered only when all of them hold. Default: always.',
  );

const pricing = z
  .object({
    inputPerMillion: money().describe('USD for a million input tokens, for example "0.25".'),
    outputPerMillion: money().describe(
      'USD for a million output tokens. Write "0" for a model without output, like embeddings.',
    ),
    cachedInputPerMillion: money()
      .optional()
      .describe(
        'USD for a million input tokens that the provider read from its cache. Default: inputPerMillion.',
      ),
  })
  .describe(
    'What this target costs, in place of the built-in price table. Needed for a model that the table does not know, when a budget applies (PriceUnknown).',
  );

const target = z
  .object({
    credentialRef: credentialRef('The ProviderCredential that this target is called with.'),
    model: freeText(256).describe(
      "Name of the model (AzureOpenAI: of the deployment) at the provider. A * stands for what the alias's own * matched; only for an alias that ends in *.",
    ),
    weight: z
      .int()
      .min(0)
      .max(10_000)
      .optional()
      .describe(
        'Share of the requests within the same priority, relative to the others. 0: drained, gets no new request. Default 1.',
      ),
    priority: z
      .int()
      .min(0)
      .max(100)
      .optional()
      .describe(
        'Tier; the lowest number comes first. The next tier is used when the tier before it has no healthy target. Default 0.',
      ),
    when: when.optional(),
    parameters: parameters.optional(),
    pricing: pricing.optional(),
    shadow: z
      .boolean()
      .optional()
      .describe(
        'true: gets a copy of each request; its answer is thrown away, its telemetry kept. Default false.',
      ),
  })
  .describe('One model at one provider.');

const members = z.object({
  alias: aliasPattern()
    .min(1)
    .optional()
    .describe(
      'What applications send as "model". A * at the end makes a wildcard: team/* answers to every name that starts with team/; the longest match wins, an exact name before all. Default: metadata.name. Of two aliases of one name in one namespace the older wins, the newer is Accepted=False (Conflicted).',
    ),
  description: freeText(1024).optional().describe('For people; shown in listings.'),
  targets: orderedList(target, 16)
    .min(1)
    .describe(
      'Where requests go: 1 to 16 models. A target whose credential cannot be used is left out; the others keep serving.',
    ),
  routing: aliasRouting.optional(),
  allowedCIDRs: setOf(cidr(), 64)
    .optional()
    .describe('Client addresses that may use the alias, like 10.0.0.0/8. Default and []: all.'),
  allowedNamespaces: allowedNamespaces(
    'Whose CallerKeys may name this alias: the namespaces they may be in.',
  ).optional(),
});

/** What a ModelAlias says. */
export const modelAliasSpec = ruled(
  members.describe('The name that applications use, and the models behind it.'),
  {
    rule: 'self.targets.exists(t, !has(t.shadow) || !t.shadow)',
    message: 'targets needs at least one that is not a shadow: somebody must answer',
    fieldPath: '.targets',
    check: ({ targets }) => targets.some(({ shadow }) => shadow !== true),
  },
  {
    rule: "self.targets.all(t, !t.model.contains('*')) || (has(self.alias) && self.alias.endsWith('*'))",
    message: "a * in a target's model needs an alias that ends in *: it stands for what that one matched",
    fieldPath: '.targets',
    check: ({ alias, targets }) =>
      alias?.endsWith('*') === true || !targets.some(({ model }) => model.includes('*')),
  },
  {
    rule: '!has(self.routing) || !has(self.routing.semantic) || (self.routing.semantic.default < size(self.targets) && self.routing.semantic.routes.all(r, r.target < size(self.targets)))',
    message: 'routing.semantic names a target that does not exist: targets are counted from 0',
    fieldPath: '.routing',
    check: ({ routing, targets }) =>
      routing?.semantic === undefined ||
      [routing.semantic.default, ...routing.semantic.routes.map((route) => route.target)].every(
        (index) => index < targets.length,
      ),
  },
);

export type ModelAliasSpec = z.output<typeof modelAliasSpec>;
export type ModelAliasTarget = ModelAliasSpec['targets'][number];

/** A stable name for a model. What is behind it changes without a change in any application. */
export interface ModelAlias {
  apiVersion: 'modelgate.dev/v1alpha1';
  kind: 'ModelAlias';
  metadata: Metadata;
  spec: ModelAliasSpec;
}
