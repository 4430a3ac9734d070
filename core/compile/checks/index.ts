import type { Egress } from '../../net/egress.ts';
import type { Kind, Resource } from '../../resources/kinds.ts';
import type { Problem } from '../statuses.ts';
import { admittedBaseURL } from './admitted-base-url.ts';
import { boundedDurations } from './bounded-durations.ts';
import { cachedBeforeCredential } from './cached-before-credential.ts';
import { callableBaseURL } from './callable-base-url.ts';
import { ownParameters } from './own-parameters.ts';
import { sendableHeaders } from './sendable-headers.ts';
import { supported } from './supported.ts';

type Check<T> = (resource: T, egress: Egress) => Problem | undefined;

/** What a resource must keep on its own, beyond its schema. The first that fails is reported. */
const CHECKS: { [K in Kind]: readonly Check<Extract<Resource, { kind: K }>>[] } = {
  ProviderCredential: [supported, callableBaseURL, admittedBaseURL, sendableHeaders],
  ModelAlias: [supported, ownParameters],
  CallerKey: [supported],
  TrafficPolicy: [supported, boundedDurations, cachedBeforeCredential],
};

export function firstProblem(resource: Resource, egress: Egress): Problem | undefined {
  for (const check of CHECKS[resource.kind] as readonly Check<Resource>[]) {
    const problem = check(resource, egress);
    if (problem) return problem;
  }
  return undefined;
}
