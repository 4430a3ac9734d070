import type { EventDraft } from '../events/event.ts';
import type { StatusBody, StoredCondition } from '../watch/stored-status.ts';

/** What an owner wants to hear of: that an object is refused, and that it no longer is. */
const TOLD = ['Accepted', 'ResolvedRefs'] as const;

/** Events for what a status says and the one before it did not. A new object that is fine is no news. */
export function transitions(
  regarding: EventDraft['regarding'],
  before: StatusBody,
  after: StatusBody,
): EventDraft[] {
  return TOLD.flatMap((type): EventDraft[] => {
    const [old, now] = [before, after].map((status) => find(status, type));
    if (now === undefined || (old?.status === now.status && old.reason === now.reason)) return [];
    const { status, reason, message: note } = now;
    if (status === 'False') return [{ regarding, type: 'Warning', reason, action: 'Reconcile', note }];
    if (status !== 'True' || old?.status !== 'False') return [];
    return [{ regarding, type: 'Normal', reason, action: 'Reconcile', note }];
  });
}

function find({ conditions = [] }: StatusBody, type: string): StoredCondition | undefined {
  return conditions.find((condition) => condition.type === type);
}
