/** Whose key it is, and until when this key of theirs is good; milliseconds since the epoch. */
export interface KnownKey {
  callerId: string;
  expiresAt: number;
}
