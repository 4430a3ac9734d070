import { lookUp } from '../../core/access/match.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Alias } from '../runtime/alias.ts';
import type { Caller } from '../runtime/caller.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { CallerRequest } from './caller-request.ts';

/**
 * The alias that a model name means for this caller; names are per caller, so that no tenant can take a name from
 * another. An alias that the caller may not know of looks like one that does not exist.
 * @throws GatewayError 404
 */
export function resolve(request: CallerRequest, model: string, caller: Caller, runtime: Runtime): Alias {
  const id = lookUp(caller.access, model) ?? lookUp(caller.visible, model);
  if (id === undefined) throw modelNotFound(model);
  const alias = runtime.alias(id);
  request.record.alias = { id, name: alias.config.name };
  return alias;
}

export function modelNotFound(model: string): GatewayError {
  const name = JSON.stringify(model.slice(0, 200));
  const message = `The model ${name} does not exist for this key. GET /v1/models lists what does.`;
  return new GatewayError('model_not_found', message, { param: 'model' });
}
