import type { Behaviour } from './behaviour.ts';
import { exampleOf } from './json-schema.ts';
import { textOf, type ChatRequest } from './request.ts';
import { LOREM, truncate } from './text.ts';
import { toolCalls, type ToolCall } from './tools.ts';

/** What the model has to say, before it has any wire format. */
export type Reply =
  | { text: string; finish: 'stop' | 'length' }
  | { calls: readonly ToolCall[]; finish: 'tool_calls' };

export function replyTo(request: ChatRequest, { speaks }: Behaviour): Reply {
  const calls = speaks === 'tools' ? toolCalls(request, lastUserText(request)) : [];
  if (calls.length > 0) return { calls, finish: 'tool_calls' };
  const text = inFormat(request, speaks === 'lorem' ? LOREM : spokenText(request));
  return limited(text, request.max_completion_tokens ?? request.max_tokens);
}

/** As much as the caller allows: https://platform.openai.com/docs/api-reference/chat/object `finish_reason` */
export function limited(
  full: string,
  maxTokens: number | null | undefined,
): { text: string; finish: 'stop' | 'length' } {
  const { text, truncated } = truncate(full, maxTokens ?? Infinity);
  return { text, finish: truncated ? 'length' : 'stop' };
}

function lastUserText({ messages }: ChatRequest): string {
  const last = messages.findLast(({ role }) => role === 'user') ?? messages.at(-1);
  return last ? textOf(last) : '';
}

/** A tool's result is passed on; else the user is repeated. */
function spokenText(request: ChatRequest): string {
  const last = request.messages.at(-1)!;
  return last.role === 'tool' ? `The tool returned: ${textOf(last)}` : lastUserText(request);
}

/** https://platform.openai.com/docs/guides/structured-outputs */
function inFormat({ response_format }: ChatRequest, text: string): string {
  const { type, json_schema } = response_format ?? {};
  if (type === 'json_schema') return JSON.stringify(exampleOf(json_schema?.schema ?? {}, text || 'example'));
  return type === 'json_object' ? JSON.stringify({ text }) : text;
}
