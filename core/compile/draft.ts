import type { Alias, Caller, Config, Credential, Issuer, Namespace, Policy } from '../config/config.ts';
import { Egress, type EgressRule } from '../net/egress.ts';
import type { Kind, Resource } from '../resources/kinds.ts';
import { AccessTables } from './access.ts';
import { idOf } from './identity.ts';
import type { NameIndex } from './name-index.ts';
import type { Reader } from './reader.ts';
import { StatusBook, type Problem } from './statuses.ts';

/** Decoded Secret data by `namespace/name`. */
export type Secrets = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What is known of a CallerKey's generated key beyond what the Secret holds. */
export interface GeneratedKey {
  /** There is a Secret of that name which was not made for this CallerKey: its values are not looked at. */
  foreign?: boolean;
  /**
   * Further keys that are good: replaced ones until their overlap is over, and one that is about to be written into
   * the Secret, without an end.
   */
  others: Caller['keys'];
}

/** Who signs the tokens of this cluster's ServiceAccounts. */
export interface TokenIssuer extends Issuer {
  /** The exact value of `iss`. */
  issuer: string;
}

/** The world as compile sees it. */
export interface Input {
  /** Objects of the four kinds in any order, valid or not. */
  resources: readonly unknown[];
  /** How one of them is read; default: `readResource`. One that remembers must not be given objects that change. */
  read?: Reader | undefined;
  secrets: Secrets;
  /** Labels of namespaces by name. */
  namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Where upstreams may be; absent: at public addresses only. */
  egress?: EgressRule | undefined;
  /** By the id of a CallerKey. */
  generated?: Readonly<Record<string, GeneratedKey>> | undefined;
  /** Absent where there is no cluster, and while its keys are not known. */
  serviceAccounts?: TokenIssuer | undefined;
  /** A configuration that was compiled earlier: what has not changed since is taken from it. */
  before?: Config | undefined;
  /** Milliseconds since the epoch. Only statuses look at it. */
  now: number;
}

/** Resources that stand, by `namespace/name`, oldest first. */
export type World = { readonly [K in Kind]: Map<string, Extract<Resource, { kind: K }>> };

/** What the steps read, and fill in one after the other. */
export interface Draft {
  readonly input: Input;
  readonly world: World;
  readonly egress: Egress;
  readonly statuses: StatusBook;
  /** `Kind/namespace/name` of what was refused, so that a reference to it can say so. */
  readonly refused: Set<string>;
  readonly credentials: Record<string, Credential>;
  readonly aliases: Record<string, Alias>;
  /** What each alias name means in a namespace that has callers or policies. */
  readonly names: Map<string, NameIndex>;
  readonly access: AccessTables;
  readonly callers: Record<string, Caller>;
  readonly policies: Record<string, Policy>;
  /** Those whose tokens some caller uses. */
  readonly issuers: Record<string, Issuer>;
  readonly namespaces: Record<string, Namespace>;
}

export function newDraft(input: Input): Draft {
  return {
    input,
    world: {
      ProviderCredential: new Map(),
      ModelAlias: new Map(),
      CallerKey: new Map(),
      TrafficPolicy: new Map(),
    },
    egress: new Egress(input.egress),
    statuses: new StatusBook(),
    refused: new Set(),
    credentials: {},
    aliases: {},
    names: new Map(),
    access: new AccessTables(),
    callers: {},
    policies: {},
    issuers: {},
    namespaces: {},
  };
}

/** Takes a resource out of the world, and says why in its status. */
export function refuse(draft: Draft, resource: Resource, problem: Problem): void {
  const id = idOf(resource);
  draft.statuses.refuse(resource, problem);
  draft.refused.add(`${resource.kind}/${id}`);
  draft.world[resource.kind].delete(id);
}
