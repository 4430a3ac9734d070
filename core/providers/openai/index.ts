import { openai as dialect } from '../../dialects/openai/index.ts';
import { appendPath, bearer } from '../openai-shaped.ts';
import type { Provider } from '../provider.ts';

/** https://platform.openai.com/docs/api-reference/introduction */
export const openai: Provider = {
  dialect,
  telemetryName: 'openai',
  defaultBaseURL: 'https://api.openai.com/v1',
  requestURL: appendPath,
  authHeaders: bearer,
};
