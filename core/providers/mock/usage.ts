import { textOf, type ChatRequest } from './request.ts';
import type { Reply } from './reply.ts';
import { countTokens } from './text.ts';

/** https://platform.openai.com/docs/api-reference/chat/object#chat/object-usage */
export function usageOf(prompt: number, completion: number) {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

export function chatUsage({ messages, n }: ChatRequest, reply: Reply) {
  const said = 'text' in reply ? reply.text : reply.calls.map((call) => call.name + call.arguments).join('');
  return usageOf(countTokens(messages.map(textOf).join('')), countTokens(said) * (n ?? 1));
}
