import { identity } from './identity.ts';
import type { Reply } from './reply.ts';
import type { ChatRequest } from './request.ts';
import { pieces } from './text.ts';
import { callId } from './tool-call-id.ts';
import type { ToolCall } from './tools.ts';
import { chatUsage } from './usage.ts';

/**
 * The objects of a stream: role, content, finish reason, and usage where it was asked for; then other chunks
 * carry `usage: null`. https://platform.openai.com/docs/api-reference/chat-streaming
 */
export function chatEvents(request: ChatRequest, reply: Reply, body: Buffer): object[] {
  const { model, n, stream_options } = request;
  const wantsUsage = stream_options?.include_usage === true;
  const head = identity('chatcmpl', 'chat.completion.chunk', { body, model });
  const chunk = (choices: readonly object[], usage: object | null = null) => ({
    ...head,
    service_tier: 'default',
    system_fingerprint: 'fp_mock',
    choices,
    ...(wantsUsage && { usage }),
  });
  const events = choicesOf(reply, n ?? 1).map((choice) => chunk([choice]));
  if (wantsUsage) events.push(chunk([], chatUsage(request, reply)));
  return events;
}

/** Choices take turns, as models write them side by side. */
function choicesOf(reply: Reply, n: number): object[] {
  const written = Array.from({ length: n }, (_, index) => {
    const open = deltasOf(reply, index).map((delta) => ({
      index,
      delta,
      logprobs: null,
      finish_reason: null,
    }));
    return [...open, { index, delta: {}, logprobs: null, finish_reason: reply.finish }];
  });
  return written[0]!.flatMap((_, turn) => written.map((choice) => choice[turn]!));
}

function deltasOf(reply: Reply, choice: number): object[] {
  if ('text' in reply) {
    const head = { role: 'assistant', content: '', refusal: null };
    return [head, ...pieces(reply.text).map((content) => ({ content }))];
  }
  const calls = reply.calls.map((call, index) => callDeltas(call, choice, index));
  const [opening, ...rest] = calls.flat();
  // A single call opens in the first chunk; several come after it.
  if (calls.length > 1) return [{ role: 'assistant', content: null }, ...calls.flat()];
  return [{ role: 'assistant', content: null, ...opening, refusal: null }, ...rest];
}

/** Id and name first, then the arguments in fragments that are no JSON by themselves. */
function callDeltas(call: ToolCall, choice: number, index: number): { tool_calls: object[] }[] {
  const opening = {
    index,
    id: callId(call, choice, index),
    type: 'function',
    function: { name: call.name, arguments: '' },
  };
  const fragments = call.arguments.match(/[^]{1,8}/gu) ?? [];
  return [opening, ...fragments.map((part) => ({ index, function: { arguments: part } }))].map((piece) => ({
    tool_calls: [piece],
  }));
}
