import { canonicalJson } from '../../core/config/canonical.ts';
import type { Condition } from '../../core/resources/conditions.ts';
import type { StatusBody, StoredCondition } from '../watch/stored-status.ts';
import type { Progress } from './programming.ts';

export interface Desired {
  generation: number;
  conditions: readonly Condition[];
  progress: Progress;
  /** Members of one kind only; undefined when nobody has said yet, and what is there stays. */
  fields: Readonly<Record<string, unknown>> | undefined;
}

/** The status that an object should have, or undefined when it has it. @param now milliseconds since the epoch */
export function statusBody(stored: StatusBody, desired: Desired, now: number): StatusBody | undefined {
  const { generation, progress } = desired;
  const before = new Map((stored.conditions ?? []).map((condition) => [condition.type, condition]));
  const conditions = desired.conditions.map((condition): StoredCondition => {
    const old = before.get(condition.type);
    const kept = old?.status === condition.status ? old.lastTransitionTime : undefined;
    const lastTransitionTime = kept ?? instantOf(now);
    return { ...condition, lastTransitionTime, observedGeneration: generation };
  });
  const { observedGeneration: _g, conditions: _c, proxies, ...fields } = stored;
  const body: StatusBody = {
    ...(desired.fields ?? fields),
    observedGeneration: generation,
    conditions,
    proxies: isOldNews(stored, desired) ? proxies! : proxiesOf(progress),
  };
  return canonicalJson(body) === canonicalJson(stored) ? undefined : body;
}

/** Once all proxies have it, the numbers stay: that one more proxy runs is no news about this object. */
function isOldNews({ observedGeneration, conditions = [], proxies }: StatusBody, desired: Desired): boolean {
  const programmed = conditions.find(({ type }) => type === 'Programmed');
  return (
    proxies !== undefined &&
    desired.progress.settled &&
    programmed?.status === 'True' &&
    observedGeneration === desired.generation
  );
}

function proxiesOf({ ready, programmed, revision, included }: Progress): NonNullable<StatusBody['proxies']> {
  if (!included) return { ready, programmed: 0 };
  return { ready, programmed, ...(revision !== undefined && { revision }) };
}

/** RFC 3339 without a fraction, as all of Kubernetes writes it. */
function instantOf(now: number): string {
  return new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
}
