export type ChangeKind =
  | 'AliasAdded'
  | 'AliasRemoved'
  | 'AliasRenamed'
  | 'AliasRerouted'
  | 'AccessGained'
  | 'AccessLost'
  | 'AccessRerouted'
  | 'CallerAdded'
  | 'CallerRemoved'
  | 'CallerDisabled'
  | 'CallerEnabled'
  | 'CallerKeyAdded'
  | 'CallerKeyRemoved'
  | 'CallerExpiryChanged'
  | 'LimitLoosened'
  | 'LimitTightened'
  | 'SettingChanged'
  | 'PolicyReachChanged'
  | 'CredentialAdded'
  | 'CredentialRemoved'
  | 'CredentialChanged';

/** One thing that is different for callers. It shows no key, no hash of one and no value of a header. */
export interface Change {
  kind: ChangeKind;
  /** What changed, as `namespace/name`. */
  id: string;
  /** A sentence for people. */
  text: string;
  /** Something that worked before may be refused now. */
  breaking: boolean;
  /** Lines that begin with `-` (before) or `+` (after). */
  details?: readonly string[];
  /** Callers whom it concerns, where that is not all who use the object. */
  callers?: readonly string[];
}
