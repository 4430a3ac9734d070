import assert from 'node:assert/strict';
import { test } from 'node:test';
import { azureOpenAI } from './azure-openai/index.ts';
import { openai } from './openai/index.ts';

test('the endpoint goes behind the base URL, with or without a trailing slash', () => {
  for (const base of ['https://h/v1', 'https://h/v1/']) {
    const url = openai.requestURL(new URL(base), 'chat/completions', 'gpt');
    assert.equal(url.href, 'https://h/v1/chat/completions');
  }
});

test('Azure: a deployment is part of the path, its name cannot leave it', () => {
  const at = (base: string, model = 'gpt-4o') =>
    azureOpenAI.requestURL(new URL(base), 'embeddings', model).href;
  const deployment = 'https://r.openai.azure.com/openai/deployments/gpt-4o/embeddings?api-version=';
  assert.equal(at('https://r.openai.azure.com'), `${deployment}2024-10-21`);
  assert.equal(at('https://r.openai.azure.com/openai/?api-version=2025-01-01'), `${deployment}2025-01-01`);
  assert.equal(at('https://r.openai.azure.com/openai/v1'), 'https://r.openai.azure.com/openai/v1/embeddings');
  assert.match(at('https://r.openai.azure.com', '..'), /deployments\/%252E%252E\/embeddings/);
  assert.match(at('https://r.openai.azure.com', '../../x?y'), /deployments\/\.\.%2F\.\.%2Fx%3Fy\/embeddings/);
});
