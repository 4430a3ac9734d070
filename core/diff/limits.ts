import type { Limit, Period, Policy } from '../config/config.ts';
import type { Change } from './change.ts';
import { compareEntries } from './entries.ts';

const SECONDS: Record<Period, number> = {
  Second: 1,
  Minute: 60,
  Hour: 3_600,
  Day: 86_400,
  Week: 604_800,
  Month: 2_592_000,
};

/** Limits of one policy, before and after. A policy that only watches holds nobody up: it has none. */
export function limitChanges(id: string, was: Policy | undefined, is: Policy | undefined): Change[] {
  const { added, removed, kept } = compareEntries(enforced(was), enforced(is));
  const change = (tighter: boolean, name: string, says: string): Change => ({
    kind: tighter ? 'LimitTightened' : 'LimitLoosened',
    id,
    text: `limit "${name}" of TrafficPolicy ${id} ${says}`,
    breaking: tighter,
  });
  return [
    ...added.map(([name, limit]) => change(true, name, `is added: ${sentence(limit)}`)),
    ...removed.map(([name, limit]) => change(false, name, `is lifted: it was ${sentence(limit)}`)),
    ...kept
      .filter(([, a, b]) => sentence(a) !== sentence(b))
      .map(([name, a, b]) => {
        const tighter = isTighter(a, b);
        const says = `is ${tighter ? 'tightened' : 'loosened'}: ${sentence(a)} → ${sentence(b)}`;
        return change(tighter, name, says);
      }),
  ];
}

function enforced(policy: Policy | undefined): Record<string, Limit> {
  const limits = policy?.mode === 'Enforce' ? (policy.limits ?? []) : [];
  return Object.fromEntries(limits.map((limit) => [limit.name, limit]));
}

function sentence({ counts, max, per, scope }: Limit): string {
  const what = counts === 'Concurrent' ? `${max} concurrent requests` : `${max} requests per ${per ?? '?'}`;
  return `${what} for each ${scope}`;
}

/** When in doubt it is: another scope or a shorter window refuses what used to pass. */
function isTighter(was: Limit, is: Limit): boolean {
  if (was.scope !== is.scope || was.counts !== is.counts) return true;
  const [old, now] = [windowOf(was), windowOf(is)];
  return is.max / now < was.max / old || now < old;
}

function windowOf({ per }: Limit): number {
  return per === undefined ? 1 : SECONDS[per];
}
