import { openai as dialect } from '../../dialects/openai/index.ts';
import { appendPath, bearer } from '../openai-shaped.ts';
import type { Provider } from '../provider.ts';

/** Whoever speaks OpenAI's wire format at an address of their own: vLLM, Ollama, Groq, Mistral, OpenRouter, … */
export const openaiCompatible: Provider = {
  dialect,
  telemetryName: 'openai_compatible',
  requestURL: appendPath,
  authHeaders: bearer,
};
