import * as z from 'zod';
import { GatewayError } from '../../core/errors.ts';
import { explain, type Explanation } from '../../core/explain/index.ts';
import type { Runtime } from '../runtime/runtime.ts';

const USAGE =
  'Ask /explain?key=NAMESPACE/NAME&model=ALIAS, with &header=name:value for each header that matters.';

const Query = z.object({
  key: z.string(),
  model: z.string(),
  header: z.union([z.string(), z.array(z.string())]).optional(),
});

/**
 * `GET /explain`: what would happen to a request, as `modelgate explain` says it, by the configuration that serves.
 * @throws GatewayError 400
 */
export function explainRequest(runtime: Runtime | undefined, query: unknown): Explanation {
  if (!runtime) throw new GatewayError('not_ready', 'The gateway has no configuration yet.');
  const asked = Query.safeParse(query);
  if (!asked.success) throw new GatewayError('invalid_request', USAGE);
  const { key, model, header = [] } = asked.data;
  const headers = Object.fromEntries([header].flat().map(parseHeader));
  return explain(runtime.config, { caller: key, model, headers, now: Date.now() });
}

function parseHeader(text: string): [string, string] {
  const colon = text.indexOf(':');
  if (colon < 1) throw new GatewayError('invalid_request', USAGE);
  return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
}
