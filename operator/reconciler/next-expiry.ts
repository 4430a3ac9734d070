import type { Config } from '../../core/config/config.ts';

/** The next instant at which a status changes because time has passed; Infinity when none does. */
export function nextExpiry({ callers }: Config, now: number): number {
  let next = Infinity;
  for (const { expiresAt, keys } of Object.values(callers)) {
    for (const at of [expiresAt, ...keys.map((key) => key.expiresAt)]) {
      if (at !== undefined && at > now && at < next) next = at;
    }
  }
  return next;
}
