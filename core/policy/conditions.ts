import type { Target } from '../config/config.ts';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Whether a request meets a target's condition; a target without one takes every request. */
export function meetsCondition(
  when: Target['when'],
  headers: Headers,
  callerLabels: Readonly<Record<string, string>>,
): boolean {
  if (!when) return true;
  const headersMatch = Object.entries(when.headers ?? {}).every(([name, value]) => headers[name] === value);
  return (
    headersMatch &&
    Object.entries(when.callerLabels ?? {}).every(([key, value]) => callerLabels[key] === value)
  );
}
