import type { Config } from '../config/config.ts';
import { aliasConflicts } from './alias-conflicts.ts';
import { aliases } from './aliases.ts';
import { callers } from './callers.ts';
import { credentials } from './credentials.ts';
import { newDraft, type Draft, type Input } from './draft.ts';
import { finish } from './finish.ts';
import { intake } from './intake.ts';
import { namespaces } from './namespaces.ts';
import { policies } from './policies.ts';
import type { Status } from './statuses.ts';

export type { GeneratedKey, Input, Secrets, TokenIssuer } from './draft.ts';
export { rememberingReader, type Reader } from './reader.ts';
export type { Status } from './statuses.ts';

/** Aliases need credentials, names need aliases, callers need names, policies need them all. */
const steps: readonly ((draft: Draft) => void)[] = [
  intake,
  credentials,
  aliasConflicts,
  aliases,
  namespaces,
  callers,
  policies,
];

/**
 * Turns resources into what proxies read, and says of each what became of it. Pure: the same world in any order
 * gives the same bytes, and `now` changes statuses only. A user's mistake is a condition, never an exception: the
 * resource is left out, and everything that does not depend on it stays as it is.
 */
export function compile(input: Input): { config: Config; statuses: Status[] } {
  const draft = newDraft(input);
  for (const step of steps) step(draft);
  return { config: finish(draft), statuses: draft.statuses.all() };
}
