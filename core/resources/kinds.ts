import type * as z from 'zod';
import { type CallerKey, callerKeySpec } from './caller-key.ts';
import { type ModelAlias, modelAliasSpec } from './model-alias.ts';
import { type ProviderCredential, providerCredentialSpec } from './provider-credential.ts';
import { callerKeyStatus, commonStatus, trafficPolicyStatus } from './status.ts';
import { type TrafficPolicy, trafficPolicySpec } from './traffic-policy.ts';

export type { CallerKey, ModelAlias, ProviderCredential, TrafficPolicy };

export const GROUP = 'modelgate.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}` as const;
export const CATEGORIES = ['modelgate', 'ai-gateway'] as const;

/** Any of the four. */
export type Resource = ProviderCredential | ModelAlias | CallerKey | TrafficPolicy;

export type Kind = Resource['kind'];

/** A column of `kubectl get`; priority 1 shows with `-o wide` only. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  readonly priority?: 1;
}

/** All that is known about a kind, from which its CRD, its reference page and its parser are made. */
export interface KindDefinition {
  readonly kind: Kind;
  readonly plural: string;
  readonly singular: string;
  readonly shortName: string;
  readonly description: string;
  readonly spec: z.ZodType;
  readonly status: z.ZodType;
  /** Columns between Ready and Reason, which every kind has. */
  readonly columns: readonly PrinterColumn[];
  /** Fields that `kubectl get --field-selector` understands. */
  readonly selectableFields: readonly string[];
}

const column = (name: string, jsonPath: string, description: string): PrinterColumn => ({
  name,
  type: 'string',
  jsonPath,
  description,
});

/** The four kinds, in the order in which they build on each other. */
export const KINDS: readonly KindDefinition[] = [
  {
    kind: 'ProviderCredential',
    plural: 'providercredentials',
    singular: 'providercredential',
    shortName: 'pcred',
    description:
      'A ProviderCredential is one account at one model provider: its address and the Secret that holds its key. Platform teams own it; applications never see it.',
    spec: providerCredentialSpec,
    status: commonStatus,
    columns: [
      column('Provider', '.spec.provider', 'Who is called.'),
      { ...column('Base URL', '.spec.baseURL', 'Where, if not the public address.'), priority: 1 },
    ],
    selectableFields: ['.spec.provider'],
  },
  {
    kind: 'ModelAlias',
    plural: 'modelaliases',
    singular: 'modelalias',
    shortName: 'malias',
    description:
      'A ModelAlias is a stable name for a model. Applications send it as "model"; what is behind it changes without a change in any of them.',
    spec: modelAliasSpec,
    status: commonStatus,
    columns: [
      column('Alias', '.spec.alias', 'What applications send, if not the name of the resource.'),
      column('Model', '.spec.targets[0].model', 'The first model behind it.'),
      { ...column('Strategy', '.spec.routing.strategy', 'How a target is picked.'), priority: 1 },
    ],
    selectableFields: ['.spec.alias'],
  },
  {
    kind: 'CallerKey',
    plural: 'callerkeys',
    singular: 'callerkey',
    shortName: 'ckey',
    description:
      'A CallerKey is the key of one application: how it proves who it is, and which aliases it may call. Keys are held as hashes only.',
    spec: callerKeySpec,
    status: callerKeyStatus,
    columns: [
      column('Prefix', '.status.prefix', 'First characters of the key.'),
      column('Expires', '.status.expiresAt', 'When the key stops being valid.'),
      {
        ...column('Disabled', '.spec.disabled', 'Whether the key is refused.'),
        type: 'boolean',
        priority: 1,
      },
    ],
    selectableFields: [],
  },
  {
    kind: 'TrafficPolicy',
    plural: 'trafficpolicies',
    singular: 'trafficpolicy',
    shortName: 'tpol',
    description:
      "A TrafficPolicy holds limits, budgets, timeouts, retries, cache and guardrails for requests to its namespace's aliases, or made with its namespace's keys.",
    spec: trafficPolicySpec,
    status: trafficPolicyStatus,
    columns: [column('Mode', '.spec.mode', 'Enforce, or Monitor, which changes nothing.')],
    selectableFields: [],
  },
];
