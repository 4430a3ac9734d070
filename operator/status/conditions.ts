import type { Problem } from '../../core/compile/statuses.ts';
import type { Condition } from '../../core/resources/conditions.ts';
import type { Progress } from './programming.ts';

/** What is known of an object when its status is made. */
export interface Findings {
  /** As compile gives them: Accepted, ResolvedRefs and, for an object that wants to be refused, Ready. */
  compiled: readonly Condition[];
  progress: Progress;
  /** What a task found; ResolvedRefs is False. */
  problem?: Problem | undefined;
  /** The object is broken, and an earlier form of it serves. */
  lastGood?: boolean;
  /** A task is making what ResolvedRefs misses. */
  underWay: boolean;
}

/** All conditions of an object, in the order in which they build on each other. Pure. */
export function conditionsOf(findings: Findings): Condition[] {
  const [accepted, resolved] = judged(findings) as [Condition, Condition];
  const programmed = findings.lastGood ? LAST_GOOD : programmedCondition(findings.progress);
  const before = [accepted, resolved, programmed];
  const ready = findings.compiled.find(({ type }) => type === 'Ready') ?? readyCondition(before);
  const passing = passingCondition(before, findings);
  return [...before, ready, ...(passing ? [passing] : [])];
}

function judged({ compiled, problem }: Findings): Condition[] {
  const conditions = ['Accepted', 'ResolvedRefs'].map((name) => compiled.find(({ type }) => type === name)!);
  if (problem === undefined || conditions[0]!.status !== 'True') return conditions;
  return [conditions[0]!, { type: 'ResolvedRefs', status: 'False', ...problem }];
}

const LAST_GOOD: Condition = {
  type: 'Programmed',
  status: 'False',
  reason: 'LastGoodInUse',
  message:
    'this generation cannot be used: the last one that could keeps serving until the operator restarts',
};

function programmedCondition({ included, ready, settled }: Progress): Condition {
  const type = 'Programmed';
  if (!included)
    return {
      type,
      status: 'False',
      reason: 'LeftOut',
      message: 'not part of the configuration: see the other conditions',
    };
  if (settled)
    return {
      type,
      status: 'True',
      reason: 'Programmed',
      message: 'every ready proxy has loaded this generation',
    };
  if (ready === 0)
    return {
      type,
      status: 'False',
      reason: 'NoProxies',
      message: 'no proxy is running: nothing serves requests',
    };
  const message = 'not all proxies have loaded this generation yet: status.proxies says how many';
  return { type, status: 'False', reason: 'Progressing', message };
}

function readyCondition(before: readonly Condition[]): Condition {
  const type = 'Ready';
  const cause = before.find(({ status }) => status !== 'True');
  if (cause === undefined)
    return { type, status: 'True', reason: 'Ready', message: 'valid, resolved and in use by every proxy' };
  return {
    type,
    status: 'False',
    reason: 'NotReady',
    message: `${cause.type} is ${cause.status} (${cause.reason}): ${cause.message}`,
  };
}

/**
 * Reconciling or Stalled, by which kstatus tells waiting from failing:
 * https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
 */
function passingCondition(before: readonly Condition[], { underWay }: Findings): Condition | undefined {
  const cause = before.find(({ status }) => status === 'False');
  if (cause === undefined) return undefined;
  const { type, reason, message } = cause;
  if (reason === 'Progressing') return { type: 'Reconciling', status: 'True', reason, message };
  if (type === 'ResolvedRefs' && underWay)
    return { type: 'Reconciling', status: 'True', reason: 'Progressing', message };
  // Without proxies it waits for one to start; nothing about the resource is wrong.
  return reason === 'NoProxies' ? undefined : { type: 'Stalled', status: 'True', reason, message };
}
