import type { Configuration } from './configuration.ts';
import { isLoopback } from './loopback.ts';
import type { Problem } from '../yaml/problem.ts';

/** A key that lies in a file of this machine is no key for a network: where it would be one, a problem. */
export function exposedKeys({ keys, loaded }: Configuration, host: string): Problem[] {
  if (isLoopback(host)) return [];
  return keys.map(({ caller }) => {
    const resource = `CallerKey/${caller}`;
    return {
      ...loaded.where(resource, ['spec', 'generate']),
      resource,
      field: 'spec.generate',
      message: `a generated key is for this machine only, and --host ${host} is reachable from others: use secretRef or sha256, or listen on 127.0.0.1`,
    };
  });
}
