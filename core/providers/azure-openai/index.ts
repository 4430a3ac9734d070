import type { Endpoint } from '../../chat/endpoint.ts';
import { openai as dialect } from '../../dialects/openai/index.ts';
import { appendPath } from '../openai-shaped.ts';
import type { Provider } from '../provider.ts';

const DEFAULT_API_VERSION = '2024-10-21';

/**
 * Two surfaces, told apart by the base URL: `https://R.openai.azure.com/openai/v1` is OpenAI's own layout;
 * `https://R.openai.azure.com` has one path per deployment, which is what `model` names there, and an
 * `api-version`, taken from the base URL's query.
 * https://learn.microsoft.com/azure/ai-foundry/openai/reference
 */
export const azureOpenAI: Provider = {
  dialect,
  telemetryName: 'azure.ai.openai',
  requestURL: (base, endpoint, model) =>
    base.pathname.endsWith('/openai/v1') ? appendPath(base, endpoint) : deploymentURL(base, endpoint, model),
  authHeaders: (key) => ({ 'api-key': key }),
};

function deploymentURL(base: URL, endpoint: Endpoint, model: string): URL {
  const url = new URL(base);
  const root = url.pathname.replace(/\/+$/, '').replace(/\/openai$/, '');
  url.pathname = `${root}/openai/deployments/${segment(model)}/${endpoint}`;
  if (!url.searchParams.has('api-version')) url.searchParams.set('api-version', DEFAULT_API_VERSION);
  return url;
}

/** A URL takes `..` out of its path, also when it is encoded: such a name is sent as one that nothing has. */
function segment(name: string): string {
  const encoded = encodeURIComponent(name);
  return /^\.\.?$/.test(name) ? encoded.replaceAll('.', '%252E') : encoded;
}
