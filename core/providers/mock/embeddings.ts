import { hash } from 'node:crypto';
import type { Behaviour } from './behaviour.ts';
import { jsonAnswer } from './playback.ts';
import { EmbeddingRequest, parse, textsOf } from './request.ts';
import { countTokens } from './text.ts';

const DIMENSIONS = 256;

/** https://platform.openai.com/docs/api-reference/embeddings */
export function embeddings(body: Buffer, behaviour: Behaviour) {
  const request = parse(EmbeddingRequest, body);
  const { model, dimensions, encoding_format } = request;
  const texts = textsOf(request.input);
  const data = texts.map((text, index) => {
    const vector = embed(text, dimensions ?? DIMENSIONS);
    return {
      object: 'embedding',
      index,
      embedding: encoding_format === 'base64' ? base64(vector) : [...vector],
    };
  });
  const tokens = texts.reduce((total, text) => total + countTokens(text), 0);
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return jsonAnswer({ object: 'list', data, model, usage }, behaviour);
}

/** A unit vector: the sum of one pseudo-random direction for each word, so that texts that share words are close. */
function embed(text: string, dimensions: number): Float32Array {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text];
  const sum = new Float64Array(dimensions);
  for (const word of words) addDirection(sum, word);
  const length = Math.hypot(...sum);
  return Float32Array.from(sum, (x) => x / length);
}

function addDirection(sum: Float64Array, word: string): void {
  const bytes = Buffer.from(
    hash('shake256', word, { outputEncoding: 'hex', outputLength: sum.length * 2 }),
    'hex',
  );
  for (let i = 0; i < sum.length; i++) sum[i]! += bytes.readInt16LE(i * 2) + 0.5;
}

/** Little-endian float32s, whatever the machine: official SDKs ask for this format by default. */
function base64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((x, i) => bytes.writeFloatLE(x, i * 4));
  return bytes.toString('base64');
}
