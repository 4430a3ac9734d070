import { lookUp } from '../../core/access/match.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Alias } from '../runtime/alias.ts';
import type { Caller } from '../runtime/caller.ts';

/**
 * Whether the caller's key lists the alias.
 * @throws GatewayError 403
 */
export function authorize(caller: Caller, alias: Alias, model: string): void {
  if (lookUp(caller.access, model) === alias.id) return;
  const message = `The caller key ${caller.id} may not use ${JSON.stringify(model.slice(0, 200))}. Its owner can add the alias to the key.`;
  throw new GatewayError('permission_denied', message, { param: 'model' });
}
