import type { TaskOutcome } from '../task.ts';

type Fields = Readonly<Record<string, unknown>>;

const NO_FIELDS: Fields = {};

/** Objects, by `Kind/namespace/name`, of which two outcomes say different things. */
export function outcomeChanges(before: TaskOutcome, after: TaskOutcome): Set<string> {
  const outcomes = [before, after];
  const keys = new Set(
    outcomes.flatMap(({ fields, problems, underWay }) => [
      ...(fields?.keys() ?? []),
      ...(problems?.keys() ?? []),
      ...(underWay ?? []),
    ]),
  );
  for (const key of keys) if (saysSame(before, after, key)) keys.delete(key);
  return keys;
}

function saysSame(a: TaskOutcome, b: TaskOutcome, key: string): boolean {
  const [before, after] = [saidOf(a, key), saidOf(b, key)];
  return (
    before.reason === after.reason &&
    before.message === after.message &&
    before.underWay === after.underWay &&
    areSame(before.fields, after.fields)
  );
}

function saidOf({ fields, problems, underWay }: TaskOutcome, key: string) {
  return {
    ...problems?.get(key),
    underWay: underWay?.has(key) === true,
    fields: fields?.get(key) ?? NO_FIELDS,
  };
}

/** Members are mostly text; of any other two, only the very same count as the same. */
function areSame(a: Fields, b: Fields): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
