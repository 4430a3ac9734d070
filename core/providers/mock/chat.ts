import type { Behaviour } from './behaviour.ts';
import { chatEvents } from './chat-stream.ts';
import { identity } from './identity.ts';
import { eventAnswer, jsonAnswer } from './playback.ts';
import { replyTo, type Reply } from './reply.ts';
import { ChatRequest, parse } from './request.ts';
import { pieces } from './text.ts';
import { callId } from './tool-call-id.ts';
import { chatUsage } from './usage.ts';

/** https://platform.openai.com/docs/api-reference/chat/create */
export function chat(body: Buffer, behaviour: Behaviour) {
  const request = parse(ChatRequest, body);
  const reply = replyTo(request, behaviour);
  if (request.stream) return eventAnswer(chatEvents(request, reply, body), behaviour);
  const turns = 'text' in reply ? pieces(reply.text).length : 0;
  return jsonAnswer(completion(request, reply, body), behaviour, turns);
}

/** https://platform.openai.com/docs/api-reference/chat/object */
function completion(request: ChatRequest, reply: Reply, body: Buffer) {
  const { model, n } = request;
  return {
    ...identity('chatcmpl', 'chat.completion', { body, model }),
    choices: Array.from({ length: n ?? 1 }, (_, index) => ({
      index,
      message: { role: 'assistant', ...said(reply, index), refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: reply.finish,
    })),
    usage: chatUsage(request, reply),
    service_tier: 'default',
    system_fingerprint: 'fp_mock',
  };
}

function said(reply: Reply, choice: number) {
  if ('text' in reply) return { content: reply.text };
  const tool_calls = reply.calls.map((call, index) => ({
    id: callId(call, choice, index),
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
  return { content: null, tool_calls };
}
