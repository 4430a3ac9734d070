import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../../core/errors.ts';
import type { Caller } from '../runtime/caller.ts';
import type { KnownKey } from '../runtime/known-key.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { CallerRequest } from './caller-request.ts';

const WHERE = 'Send a caller key as "Authorization: Bearer <key>" or "x-api-key".';

/** Made once: guessing keys should cost us little. */
const UNKNOWN_KEY = new GatewayError('invalid_api_key', `This caller key is not known. ${WHERE}`);

/**
 * Who sent this. Keys are looked up by their SHA-256: they have 256 random bits, and a map look-up by digest tells
 * nothing about the key by its timing. A token that was not seen before takes a moment: then it is a promise.
 * @throws GatewayError 401
 */
export function authenticate(request: CallerRequest, runtime: Runtime): Caller | Promise<Caller> {
  const key = presentedKey(request.req.headers);
  const digest = hash('sha256', key, 'hex');
  const owner = runtime.keyOwner(digest);
  if (owner) return admit(request, runtime, owner);
  if (!runtime.tokens.takes(key)) throw UNKNOWN_KEY;
  return runtime.tokens.verify(key, digest).then((known) => admit(request, runtime, known));
}

function admit(request: CallerRequest, runtime: Runtime, owner: KnownKey): Caller {
  const caller = runtime.caller(owner.callerId);
  const { namespace, name, disabled, expiresAt = Infinity } = caller.config;
  request.record.caller = { id: caller.id, namespace, name };
  if (disabled) {
    throw new GatewayError(
      'api_key_disabled',
      `The caller key ${caller.id} is disabled. Ask its owner to enable it.`,
    );
  }
  if (Date.now() >= Math.min(expiresAt, owner.expiresAt)) {
    throw new GatewayError('api_key_expired', `The caller key ${caller.id} has expired. Use the new one.`);
  }
  return caller;
}

/** Where OpenAI's, Anthropic's and Google's SDKs put it. */
function presentedKey(headers: IncomingHttpHeaders): string {
  const { authorization } = headers;
  const bearer =
    authorization?.slice(0, 7).toLowerCase() === 'bearer ' ? authorization.slice(7).trim() : undefined;
  if (headers['x-api-key'] === undefined && headers['x-goog-api-key'] === undefined && bearer) return bearer;
  const given = [bearer, headers['x-api-key'], headers['x-goog-api-key']];
  const keys = given.filter((key): key is string => typeof key === 'string' && key !== '');
  const [key] = keys;
  if (key === undefined) throw new GatewayError('invalid_api_key', `No caller key was sent. ${WHERE}`);
  if (keys.some((other) => other !== key)) {
    throw new GatewayError('invalid_api_key', 'The request carries two different keys. Send one.');
  }
  return key;
}
