import type { ErrorCode } from '../../core/errors.ts';
import type { Usage } from '../../core/chat/usage.ts';

/** How a request ended: answered in full, left by its caller, or broken after it had begun. */
export type Outcome = 'complete' | 'aborted' | 'failed';

/** One request that was sent to a provider. */
export interface AttemptRecord {
  credential: string;
  provider: string;
  /** Its name at the provider. */
  model: string;
  /** Why it failed; of the last one perhaps when a part of its stream had reached the caller. */
  failure?: string;
}

/** What each stage decided and saw; the access log and the metrics are made of it. */
export interface RequestRecord {
  endpoint: string;
  revision: string;
  caller?: { id: string; namespace: string; name: string };
  /** Id of the alias; absent while the model is unknown. */
  alias?: { id: string; name: string };
  stream: boolean;
  /** In order; the last one is whose answer the caller got. */
  attempts: AttemptRecord[];
  /** Limits that refused it, or in Monitor mode would have: `policy/limit`. */
  limitedBy?: string;
  wouldHave: string[];
  usage?: Usage;
  /** Whether an earlier answer was given; absent without a policy that caches. */
  cache?: 'hit' | 'miss' | 'bypass';
  /** What the earlier answer had cost. */
  saved?: Usage;
  /** Milliseconds since `receivedAt`. */
  firstByteAfter?: number;
  status: number;
  error?: ErrorCode;
  outcome: Outcome;
  /** Milliseconds from the first byte received to the last byte sent. */
  duration: number;
}
