import { createHash } from 'node:crypto';
import { canonicalJson } from '../config/canonical.ts';
import type { Alias, Config } from '../config/config.ts';

/**
 * A hash of everything in the configuration that decides what an alias answers: its targets with their parameters,
 * how one is chosen, and where their credentials lead. Provider keys are no part of it: a rotation changes no answer.
 *
 * @param settings what policies make of a request on its way to each target
 */
export function answerSource(
  { credentials }: Config,
  { name, targets, routing }: Alias,
  settings: unknown,
): string {
  const providers = targets.map(({ credential }) => {
    const { provider, baseURL, headers, quirks } = credentials[credential]!;
    return { provider, baseURL, headers, quirks };
  });
  const content = canonicalJson({ name, targets, routing, providers, settings });
  return createHash('sha256').update(content).digest('base64');
}
