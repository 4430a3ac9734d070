import type { Endpoint, InProcessAnswer, InProcessRequest } from '../provider.ts';
import { behaviourOf, type Behaviour } from './behaviour.ts';
import { chat } from './chat.ts';
import { completions } from './completions.ts';
import { embeddings } from './embeddings.ts';
import { errorOf } from './errors.ts';
import { fingerprint } from './identity.ts';
import { invalidRequest, modelNotFound, Refused } from './refused.ts';

const ANSWER: Record<Endpoint, (body: Buffer, behaviour: Behaviour) => InProcessAnswer> = {
  'chat/completions': chat,
  completions,
  embeddings,
};

/** Answers as OpenAI would, with what the model's name asks for. */
export function respond(request: InProcessRequest): InProcessAnswer {
  try {
    return answer(request);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return error.answer;
  }
}

/** @throws Refused */
function answer({ endpoint, model, body }: InProcessRequest): InProcessAnswer {
  const behaviour = behaviourOf(model);
  if (!behaviour) throw modelNotFound(model);
  if (behaviour.status !== undefined) throw errorOf(behaviour.status, model);
  if (failsNow(behaviour, body)) throw errorOf(503, model);
  const able = endpoint === 'embeddings' ? behaviour.embeds : behaviour.speaks !== 'nothing';
  if (!able) {
    const message = `The ${endpoint} operation does not work with the model \`${model}\`. Choose another model.`;
    throw invalidRequest(message, 'model', 'OperationNotSupported');
  }
  return ANSWER[endpoint](body, behaviour);
}

/** Decided by the request itself, so that this stays pure: the same request has the same fate. */
function failsNow({ failPercent = 0 }: Behaviour, body: Buffer): boolean {
  return (Number.parseInt(fingerprint(body).slice(0, 8), 16) / 2 ** 32) * 100 < failPercent;
}
