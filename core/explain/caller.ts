import type { Caller, Config } from '../config/config.ts';
import { suggestion } from './nearest.ts';
import type { CallerExplanation, Outcome } from './explanation.ts';
import { refusal } from './refusal.ts';

export type FoundCaller = { id: string; caller: Caller } | { refused: Outcome };

/** A caller by `namespace/name`, or by a name that only one namespace has. */
export function findCaller({ callers }: Config, wanted: string): FoundCaller {
  const known = callers[wanted];
  if (known) return { id: wanted, caller: known };
  const ids = Object.keys(callers);
  const named = wanted.includes('/') ? [] : ids.filter((id) => id.endsWith(`/${wanted}`));
  if (named.length === 1) return { id: named[0]!, caller: callers[named[0]!]! };
  const problem =
    named.length > 1
      ? `several CallerKeys are named "${wanted}": say which of ${named.join(', ')}`
      : `there is no CallerKey "${wanted}"${suggestion(wanted, wanted.includes('/') ? ids : ids.map(nameOf))}`;
  return { refused: refusal('invalid_api_key', problem) };
}

function nameOf(id: string): string {
  return id.slice(id.indexOf('/') + 1);
}

export function describeCaller(id: string, caller: Caller, now: number): CallerExplanation {
  const expiresAt = expiry(caller);
  return {
    id,
    state: stateOf(caller, expiresAt, now),
    ...(expiresAt !== Infinity && { expiresAt: new Date(expiresAt).toISOString() }),
    ...(caller.attributes && { attributes: caller.attributes }),
  };
}

/** Why the caller is turned away before anything else is looked at; undefined when it is not. */
export function callerRefusal({ id, state, expiresAt }: CallerExplanation): Outcome | undefined {
  const refusals: Record<CallerExplanation['state'], Outcome | undefined> = {
    ok: undefined,
    disabled: refusal(
      'api_key_disabled',
      `CallerKey ${id} is disabled: set "disabled: false" to let it call again.`,
    ),
    expired: refusal('api_key_expired', `CallerKey ${id} expired at ${expiresAt ?? 'an unknown time'}.`),
    'without a key': refusal(
      'invalid_api_key',
      `CallerKey ${id} has no key yet, so that nobody can call with it.`,
    ),
  };
  return refusals[state];
}

function stateOf(caller: Caller, expiresAt: number, now: number): CallerExplanation['state'] {
  if (caller.keys.length === 0 && !caller.subjects) return 'without a key';
  if (caller.disabled) return 'disabled';
  return now >= expiresAt ? 'expired' : 'ok';
}

/** When the last of its keys stops working. */
function expiry({ keys, subjects, expiresAt = Infinity }: Caller): number {
  const last = Math.max(...keys.map((key) => key.expiresAt ?? Infinity));
  return keys.length === 0 || subjects ? expiresAt : Math.min(expiresAt, last);
}
