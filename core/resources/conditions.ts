/** Condition types of every kind, each with what it says when it is True. */
export const CONDITIONS = {
  Accepted: 'The resource is valid and in conflict with no other.',
  ResolvedRefs: 'Every object that the resource refers to exists, is usable, and permits the reference.',
  Programmed:
    'Every ready proxy has loaded a configuration that holds this generation: traffic uses it now. status.proxies says how many.',
  Ready: 'All of the above.',
  Reconciling: 'Work is in progress; there only while it is.',
  Stalled: 'Nothing will change until somebody changes a resource; there only while that is so.',
} as const;

export type ConditionType = keyof typeof CONDITIONS;

export type ConditionStatus = 'True' | 'False' | 'Unknown';

interface ReasonEntry {
  /** Condition types that carry the reason; `Ready` and `Stalled` repeat the reason of what they follow from. */
  readonly on: readonly ConditionType[];
  readonly status: ConditionStatus;
  readonly when: string;
}

/** The closed list of reasons. A reason is a promise: scripts and alerts match on it. */
export const REASONS = {
  Accepted: { on: ['Accepted'], status: 'True', when: 'The resource is valid.' },
  Pending: {
    on: ['Accepted', 'ResolvedRefs', 'Programmed', 'Ready'],
    status: 'Unknown',
    when: 'The resource has not been looked at yet.',
  },
  Invalid: {
    on: ['Accepted'],
    status: 'False',
    when: 'A field has a value that cannot be used; the message names it and the mend.',
  },
  AddressDenied: {
    on: ['Accepted'],
    status: 'False',
    when: 'The baseURL leads to an address that upstreams may not have: a metadata service, a link-local address, or a private one that nobody has allowed.',
  },
  NotSupportedYet: {
    on: ['Accepted'],
    status: 'False',
    when: 'A field or value is part of the API, but this version of modelgate does not do it yet. The resource is left out rather than half obeyed.',
  },
  Conflicted: {
    on: ['Accepted'],
    status: 'False',
    when: 'An older resource already has what must be unique: the alias of a namespace, or a key.',
  },
  PriceUnknown: {
    on: ['Accepted'],
    status: 'False',
    when: 'A budget covers a model without a known price. Set pricing on the target.',
  },
  ResolvedRefs: { on: ['ResolvedRefs'], status: 'True', when: 'Every reference is resolved and permitted.' },
  SecretNotFound: { on: ['ResolvedRefs'], status: 'False', when: 'A Secret does not exist.' },
  SecretKeyNotFound: {
    on: ['ResolvedRefs'],
    status: 'False',
    when: 'The Secret exists, the key in it does not.',
  },
  SecretInvalid: {
    on: ['ResolvedRefs'],
    status: 'False',
    when: 'The Secret has the key, but its value cannot be used: empty, too short, or of the wrong form.',
  },
  SecretNotOwned: {
    on: ['ResolvedRefs'],
    status: 'False',
    when: 'A generated key has no place: the Secret of that name was not made for this CallerKey, and is left as it is. Choose another name, or delete that Secret.',
  },
  SecretNotWritten: {
    on: ['ResolvedRefs'],
    status: 'False',
    when: 'The API server does not let the operator write a generated key into its Secret; the message says why. It is tried again every 10 s.',
  },
  IssuerUnknown: {
    on: ['ResolvedRefs'],
    status: 'False',
    when: 'A CallerKey names ServiceAccounts, and the keys that their tokens are signed with are not known: the operator could not read them from the API server, or there is no cluster.',
  },
  CredentialNotFound: { on: ['ResolvedRefs'], status: 'False', when: 'A ProviderCredential does not exist.' },
  CredentialNotReady: {
    on: ['ResolvedRefs'],
    status: 'False',
    when: 'A ProviderCredential exists, but has a problem of its own; its status says which.',
  },
  AliasNotFound: {
    on: ['ResolvedRefs'],
    status: 'False',
    when: 'No ModelAlias of that name exists, or none that this namespace may use.',
  },
  AliasNotReady: {
    on: ['ResolvedRefs'],
    status: 'False',
    when: 'A ModelAlias exists, but has a problem of its own; its status says which.',
  },
  RefNotPermitted: {
    on: ['ResolvedRefs'],
    status: 'False',
    when: "A reference into another namespace that the object's allowedNamespaces does not admit.",
  },
  TargetNotFound: {
    on: ['ResolvedRefs'],
    status: 'False',
    when: 'A targetRef of a TrafficPolicy names an object that does not exist.',
  },
  NoUsableTarget: {
    on: ['ResolvedRefs'],
    status: 'False',
    when: 'Not one target of a ModelAlias has a credential that can be used, for different reasons: the alias is not served. Where the reason is the same for all targets, it stands here itself.',
  },
  Programmed: { on: ['Programmed'], status: 'True', when: 'Every ready proxy has loaded this generation.' },
  Progressing: {
    on: ['Programmed', 'Reconciling'],
    status: 'False',
    when: 'Proxies are still loading this generation. On Reconciling the status is True.',
  },
  NoProxies: { on: ['Programmed'], status: 'False', when: 'No proxy is running.' },
  LeftOut: {
    on: ['Programmed'],
    status: 'False',
    when: 'The resource is not part of the configuration, because Accepted or ResolvedRefs is False.',
  },
  LastGoodInUse: {
    on: ['Programmed'],
    status: 'False',
    when: 'The resource has become broken; its last good form keeps serving.',
  },
  Ready: { on: ['Ready'], status: 'True', when: 'Accepted, ResolvedRefs and Programmed are all True.' },
  NotReady: {
    on: ['Ready'],
    status: 'False',
    when: 'One of the others is not True; the message says which.',
  },
  Disabled: { on: ['Ready'], status: 'False', when: 'A CallerKey with disabled: true; it is refused.' },
  Expired: { on: ['Ready'], status: 'False', when: 'A CallerKey whose expiresAt has passed; it is refused.' },
} as const satisfies Record<string, ReasonEntry>;

export type Reason = keyof typeof REASONS;

/** One condition as compile decides it. Whoever writes it to a cluster adds the time of transition. */
export interface Condition {
  type: ConditionType;
  status: ConditionStatus;
  reason: Reason;
  /** Names the field and the mend; never holds a secret. */
  message: string;
}
