import type { Behaviour } from './behaviour.ts';
import { identity } from './identity.ts';
import { eventAnswer, jsonAnswer } from './playback.ts';
import { limited } from './reply.ts';
import { CompletionRequest, parse, textsOf } from './request.ts';
import { countTokens, LOREM, pieces } from './text.ts';
import { usageOf } from './usage.ts';

/** The legacy endpoint: https://platform.openai.com/docs/api-reference/completions */
export function completions(body: Buffer, behaviour: Behaviour) {
  const request = parse(CompletionRequest, body);
  const { model, n, max_tokens, stream, stream_options } = request;
  const prompts = textsOf(request.prompt);
  const written = prompts
    .flatMap((prompt) => Array.from({ length: n ?? 1 }, () => prompt))
    .map((prompt) => limited(behaviour.speaks === 'lorem' ? LOREM : prompt, max_tokens));
  const usage = usageOf(sum(prompts), sum(written.map(({ text }) => text)));
  const object = { ...identity('cmpl', 'text_completion', { body, model }), system_fingerprint: 'fp_mock' };
  if (!stream) {
    const choices = written.map(({ text, finish }, index) => choice(index, text, finish));
    return jsonAnswer({ ...object, choices, usage }, behaviour);
  }
  const wantsUsage = stream_options?.include_usage === true;
  const events: object[] = written
    .flatMap(({ text, finish }, index) => [
      ...pieces(text).map((piece) => choice(index, piece, null)),
      choice(index, '', finish),
    ])
    .map((one) => ({ ...object, choices: [one], ...(wantsUsage && { usage: null }) }));
  if (wantsUsage) events.push({ ...object, choices: [], usage });
  return eventAnswer(events, behaviour);
}

function choice(index: number, text: string, finish: string | null) {
  return { index, text, logprobs: null, finish_reason: finish };
}

function sum(texts: readonly string[]): number {
  return texts.reduce((total, text) => total + countTokens(text), 0);
}
