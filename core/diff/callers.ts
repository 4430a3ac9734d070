import type { Caller, Config } from '../config/config.ts';
import type { Change, ChangeKind } from './change.ts';
import { compareEntries } from './entries.ts';

export function callerChanges(before: Config, after: Config): Change[] {
  const { added, removed, kept } = compareEntries(before.callers, after.callers);
  return [
    ...removed.map(([id]) => change('CallerRemoved', id, 'is removed', true)),
    ...added.map(([id]) => change('CallerAdded', id, 'is added', false)),
    ...kept.flatMap(([id, was, is]) => [
      ...disabling(id, was, is),
      ...keyChanges(id, was, is),
      ...expiryChange(id, was, is),
    ]),
  ];
}

function change(kind: ChangeKind, id: string, says: string, breaking: boolean): Change {
  return { kind, id, text: `CallerKey ${id} ${says}`, breaking };
}

function disabling(id: string, was: Caller, is: Caller): Change[] {
  if (was.disabled === is.disabled) return [];
  return is.disabled
    ? [change('CallerDisabled', id, 'is disabled', true)]
    : [change('CallerEnabled', id, 'is enabled again', false)];
}

function keyChanges(id: string, was: Caller, is: Caller): Change[] {
  const has = ({ keys }: Caller, sha256: string): boolean => keys.some((key) => key.sha256 === sha256);
  const lost = was.keys.some(({ sha256 }) => !has(is, sha256));
  const gained = is.keys.some(({ sha256 }) => !has(was, sha256));
  return [
    ...(lost ? [change('CallerKeyRemoved', id, 'no longer accepts its old key', true)] : []),
    ...(gained ? [change('CallerKeyAdded', id, 'accepts a new key', false)] : []),
    ...subjectChanges(id, was, is),
  ];
}

function subjectChanges(id: string, was: Caller, is: Caller): Change[] {
  const subjects = ({ subjects: all = [] }: Caller): string[] => all.map(({ subject }) => subject);
  const [old, now] = [subjects(was), subjects(is)];
  const lost = old.filter((subject) => !now.includes(subject));
  const gained = now.filter((subject) => !old.includes(subject));
  return [
    ...lost.map((who) => change('CallerKeyRemoved', id, `no longer accepts tokens of ${who}`, true)),
    ...gained.map((who) => change('CallerKeyAdded', id, `accepts tokens of ${who}`, false)),
  ];
}

function expiryChange(id: string, was: Caller, is: Caller): Change[] {
  if (was.expiresAt === is.expiresAt) return [];
  const earlier = (is.expiresAt ?? Infinity) < (was.expiresAt ?? Infinity);
  const says = `expires ${instant(is.expiresAt)} instead of ${instant(was.expiresAt)}`;
  return [change('CallerExpiryChanged', id, says, earlier)];
}

function instant(at: number | undefined): string {
  return at === undefined ? 'never' : `at ${new Date(at).toISOString()}`;
}
