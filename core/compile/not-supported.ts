import { FAILURES, type Failure } from '../config/config.ts';
import { PROVIDERS } from '../providers/index.ts';
import type { Kind } from '../resources/kinds.ts';
import { STRATEGIES } from '../strategies/index.ts';

/** A field that the schema has and this version does not serve. */
export interface Unsupported {
  /** As `valuesAt` reads it. */
  path: string;
  /** Values of the field that ask for nothing. */
  harmless?: (value: unknown) => boolean;
  /** The values that are served. */
  only?: readonly string[];
}

/** Of the failures that breakers count, those that another attempt can mend. */
const RETRYABLE: readonly Failure[] = ['ConnectFailure', 'Timeout', '429', '5xx'];

const off = (value: unknown): boolean => value === false;
const empty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** All that is answered with NotSupportedYet. Whoever builds one of these takes its line out. */
export const NOT_SUPPORTED: Readonly<Record<Kind, readonly Unsupported[]>> = {
  ProviderCredential: [
    { path: 'spec.provider', only: Object.keys(PROVIDERS) },
    { path: 'spec.auth.aws' },
    { path: 'spec.auth.gcp' },
    { path: 'spec.auth.azure' },
    { path: 'spec.quirks.stringContentOnly', harmless: off },
    { path: 'spec.quirks.reasoningField' },
    { path: 'spec.healthCheck' },
  ],
  ModelAlias: [
    { path: 'spec.routing.strategy', only: Object.keys(STRATEGIES) },
    { path: 'spec.targets[].shadow', harmless: off },
    { path: 'spec.allowedCIDRs', harmless: empty },
  ],
  CallerKey: [{ path: 'spec.jwt' }, { path: 'spec.allowedCIDRs', harmless: empty }],
  TrafficPolicy: [
    { path: 'spec.limits[].tokens' },
    { path: 'spec.limits[].inputTokens' },
    { path: 'spec.limits[].outputTokens' },
    { path: 'spec.budgets', harmless: empty },
    { path: 'spec.onRedisLoss' },
    { path: 'spec.retries.retryOn[]', only: RETRYABLE },
    { path: 'spec.retries.hedgeAfter' },
    { path: 'spec.circuitBreaker.openOn[]', only: FAILURES },
    { path: 'spec.cache.mode', only: ['Exact'] },
    { path: 'spec.guardrails', harmless: empty },
    { path: 'spec.request.systemPrompt' },
    { path: 'spec.request.maxTokens' },
    { path: 'spec.telemetry.captureContent', harmless: off },
    { path: 'spec.telemetry.sampleRate', harmless: (value) => Number(value) === 1 },
  ],
};
