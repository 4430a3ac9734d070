import { azureOpenAI } from './azure-openai/index.ts';
import { mock } from './mock/index.ts';
import { openaiCompatible } from './openai-compatible/index.ts';
import { openai } from './openai/index.ts';
import type { Provider } from './provider.ts';

/** Every provider that can be called; the keys are what a ProviderCredential names. */
export const PROVIDERS: Readonly<Record<string, Provider>> = {
  OpenAI: openai,
  OpenAICompatible: openaiCompatible,
  AzureOpenAI: azureOpenAI,
  Mock: mock,
};
