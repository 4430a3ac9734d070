import { lookUp } from '../../core/access/match.ts';
import type { Answer } from '../pipeline/answer.ts';
import { authenticate } from '../pipeline/authenticate.ts';
import type { CallerRequest } from '../pipeline/caller-request.ts';
import { modelNotFound } from '../pipeline/resolve.ts';
import type { Alias } from '../runtime/alias.ts';
import type { Caller } from '../runtime/caller.ts';
import type { Runtime } from '../runtime/runtime.ts';

/**
 * One shape that satisfies both SDKs: `object`, `created`, `owned_by` are OpenAI's, `type`, `display_name`,
 * `created_at`, `has_more`, `first_id`, `last_id` Anthropic's.
 * https://platform.openai.com/docs/api-reference/models/list https://docs.anthropic.com/en/api/models-list
 */
export async function listModels(request: CallerRequest, runtime: Runtime): Promise<Answer> {
  const caller = await authenticate(request, runtime);
  const data = callable(caller, runtime).map(([name, alias]) => describe(name, alias));
  const ids = data.map(({ id }) => id);
  return json({
    object: 'list',
    data,
    has_more: false,
    first_id: ids[0] ?? null,
    last_id: ids.at(-1) ?? null,
  });
}

/** @throws GatewayError 404 */
export async function getModel(request: CallerRequest, runtime: Runtime, name: string): Promise<Answer> {
  const caller = await authenticate(request, runtime);
  const id = lookUp(caller.access, name);
  if (id === undefined) throw modelNotFound(name);
  return json(describe(name, runtime.alias(id)));
}

/** What the key may use, by the names it would send; a wildcard is listed as it is. */
function callable({ access }: Caller, runtime: Runtime): [string, Alias][] {
  const wildcards = access.wildcards.map(({ prefix, alias }): [string, string] => [`${prefix}*`, alias]);
  return [...access.exact, ...wildcards]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, id]) => [name, runtime.alias(id)]);
}

function describe(name: string, { config }: Alias) {
  const created = Math.floor(config.createdAt / 1_000);
  return {
    id: name,
    object: 'model',
    type: 'model',
    created,
    created_at: new Date(created * 1_000).toISOString(),
    owned_by: config.namespace,
    display_name: name,
    ...(config.description !== undefined && { description: config.description }),
  };
}

function json(value: unknown): Answer {
  return { status: 200, contentType: 'application/json', body: Buffer.from(JSON.stringify(value)) };
}
