import type { Config } from '../config/config.ts';
import { accessChanges } from './access.ts';
import { aliasChanges } from './aliases.ts';
import { callerChanges } from './callers.ts';
import type { Change } from './change.ts';
import { credentialChanges } from './credentials.ts';
import { policyChanges } from './policies.ts';

export type { Change } from './change.ts';

/** What is different for callers when `after` serves instead of `before`. Equal configurations: nothing. */
export function diff(before: Config, after: Config): Change[] {
  if (before.revision === after.revision) return [];
  return [aliasChanges, accessChanges, callerChanges, policyChanges, credentialChanges].flatMap((changes) =>
    changes(before, after),
  );
}
