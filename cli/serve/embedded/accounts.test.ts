import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROVIDERS } from '../../../core/providers/index.ts';
import { findAccounts } from './accounts.ts';

test('accounts are found by their variables', () => {
  const { accounts, remarks } = findAccounts({
    OPENAI_API_KEY: 'sk-1',
    OPENAI_BASE_URL: 'https://proxy.example/v1',
    AZURE_OPENAI_API_KEY: 'az',
    AZURE_OPENAI_ENDPOINT: 'https://r.openai.azure.com',
    GROQ_API_KEY: 'gsk',
    MISTRAL_API_KEY: '',
  });
  assert.deepEqual(
    accounts.map(({ name, provider, baseURL }) => [name, provider, baseURL]),
    [
      ['openai', 'OpenAI', 'https://proxy.example/v1'],
      ['azure', 'AzureOpenAI', 'https://r.openai.azure.com'],
      ['groq', 'OpenAICompatible', 'https://api.groq.com/openai/v1'],
    ],
  );
  assert.deepEqual(remarks, []);
});

test('what cannot be used is said, without its value', () => {
  const { accounts, remarks } = findAccounts({
    ANTHROPIC_API_KEY: 'sk-ant-secret',
    AWS_ACCESS_KEY_ID: 'AKIA',
    AZURE_OPENAI_API_KEY: 'az',
  });
  assert.deepEqual(
    accounts.map(({ provider }) => provider),
    'Anthropic' in PROVIDERS ? ['Anthropic'] : [],
  );
  assert.ok(remarks.includes('found AZURE_OPENAI_API_KEY, but not AZURE_OPENAI_ENDPOINT: set it too'));
  assert.ok(remarks.includes('found AWS_ACCESS_KEY_ID: this version cannot serve it yet'));
  assert.ok(!remarks.join().includes('secret'));
});
