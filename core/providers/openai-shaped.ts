import type { Endpoint } from '../chat/endpoint.ts';

/** OpenAI's layout, which most others copied: the endpoint's path behind the base URL, a query kept as it is. */
export function appendPath(base: URL, endpoint: Endpoint): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${endpoint}`;
  return url;
}

/** https://platform.openai.com/docs/api-reference/authentication */
export function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}
