/** On a CallerKey. `now` rotates its key once; an instant (RFC 3339) rotates it once when that has come. */
export const ROTATE_ANNOTATION = 'modelgate.dev/rotate';

/** On a Secret that holds a generated key: when the key was made, RFC 3339. */
export const ROTATED_AT_ANNOTATION = 'modelgate.dev/rotated-at';
/** On the same: JSON list of the hashes of keys that were replaced, each with its end in RFC 3339. */
export const PREVIOUS_ANNOTATION = 'modelgate.dev/previous-keys';
/** On the same: the name of the CallerKey. */
export const CALLER_KEY_LABEL = 'modelgate.dev/caller-key';

/** Beside the key, in the Secret: where the gateway is. */
export const BASE_URL_KEY = 'MODELGATE_BASE_URL';
