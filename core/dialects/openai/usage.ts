import type { Usage } from '../../chat/usage.ts';
import { scanObject } from '../../json/scan.ts';

/** https://platform.openai.com/docs/api-reference/chat/object#chat/object-usage; embeddings have no completion. */
interface WireUsage {
  prompt_tokens?: unknown;
  completion_tokens?: unknown;
  prompt_tokens_details?: { cached_tokens?: unknown } | null;
  completion_tokens_details?: { reasoning_tokens?: unknown } | null;
}

export function parseUsage(wire: unknown): Usage | undefined {
  if (typeof wire !== 'object' || wire === null) return undefined;
  const usage: WireUsage = wire;
  if (typeof usage.prompt_tokens !== 'number') return undefined;
  return {
    input: usage.prompt_tokens,
    output: count(usage.completion_tokens),
    cachedInput: count(usage.prompt_tokens_details?.cached_tokens),
    reasoning: count(usage.completion_tokens_details?.reasoning_tokens),
  };
}

function count(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

const KEY = Buffer.from('"usage"');

/**
 * Reads `usage` alone out of an answer: the rest, often large vectors, is not parsed. It stands near the end in
 * practice, and text of the model cannot fake it, because quotes inside a JSON string are escaped.
 */
export function readUsage(body: Buffer): Usage | undefined {
  const at = body.lastIndexOf(KEY);
  if (at < 0) return undefined;
  return usageOf(objectAt(body, at + KEY.length)) ?? usageOf(memberOf(body));
}

/** The object behind the colon, up to the brace that closes it; usage has no braces in strings. */
function objectAt(body: Buffer, from: number): string | undefined {
  const start = body.indexOf(0x7b, from);
  if (start < 0) return undefined;
  let depth = 0;
  for (let i = start; i < body.length; i++) {
    if (body[i] === 0x7b) depth++;
    if (body[i] === 0x7d && --depth === 0) return body.toString('latin1', start, i + 1);
  }
  return undefined;
}

/** The same the long way, for an answer with another member of that name further down. */
function memberOf(body: Buffer): string | undefined {
  try {
    const member = scanObject(body).find(({ key }) => key === 'usage');
    return member && body.toString('utf8', member.valueStart, member.end);
  } catch {
    return undefined;
  }
}

function usageOf(text: string | undefined): Usage | undefined {
  if (text === undefined) return undefined;
  try {
    return parseUsage(JSON.parse(text));
  } catch {
    return undefined;
  }
}
