import type { Credential, Parameters } from '../../core/config/config.ts';
import type { ParsedRequest } from '../../core/dialects/dialect.ts';
import type { Endpoint } from '../../core/providers/provider.ts';
import { editObject } from '../../core/json/edit.ts';
import { applyParameters } from '../../core/parameters/apply.ts';

interface Wanted {
  endpoint: Endpoint;
  /** The model's name at the provider. */
  model: string;
  parameters: Parameters | undefined;
  quirks: Credential['quirks'];
}

const INCLUDE_USAGE = Buffer.from('{"include_usage":true}');

/** The caller's body with the target's model and parameters; what they do not name stays byte for byte. */
export function upstreamBody(parsed: ParsedRequest, { endpoint, model, parameters, quirks }: Wanted): Buffer {
  const { bytes, members } = parsed;
  const changes = applyParameters(bytes, members, ...(parameters ? [parameters] : []), ...own(quirks));
  if (model !== parsed.model) changes.set('model', Buffer.from(JSON.stringify(model)));
  if (asksForUsage(parsed, endpoint, quirks)) changes.set('stream_options', usageOption(parsed));
  if (quirks?.noStreamOptions && members.some(({ key }) => key === 'stream_options')) {
    changes.set('stream_options', undefined);
  }
  return changes.size === 0 ? bytes : editObject(bytes, members, changes);
}

/** Streams have usage only when asked for: https://platform.openai.com/docs/api-reference/chat/create#stream_options */
export function asksForUsage(
  parsed: ParsedRequest,
  endpoint: Endpoint,
  quirks: Credential['quirks'],
): boolean {
  return parsed.stream && !parsed.wantsUsage && endpoint !== 'embeddings' && !quirks?.noStreamOptions;
}

/** Other stream options of the caller stay. */
function usageOption({ bytes, members }: ParsedRequest): Buffer {
  const given = members.find(({ key }) => key === 'stream_options');
  if (!given) return INCLUDE_USAGE;
  const options: unknown = JSON.parse(bytes.toString('utf8', given.valueStart, given.end));
  return Buffer.from(JSON.stringify({ ...(options as object | null), include_usage: true }));
}

/** Last, so that it holds for what parameters add, too. */
function own(quirks: Credential['quirks']): readonly Parameters[] {
  return quirks?.maxCompletionTokens ? MAX_COMPLETION_TOKENS : [];
}

const MAX_COMPLETION_TOKENS: readonly Parameters[] = [{ rename: { max_tokens: 'max_completion_tokens' } }];
