import { openai as dialect } from '../../dialects/openai/index.ts';
import { appendPath } from '../openai-shaped.ts';
import type { Provider } from '../provider.ts';
import { respond } from './respond.ts';

export { MOCK_MODELS, type MockModel } from './behaviour.ts';

/** Answers without a network and without an account: for the first minute, for demonstrations and for tests. */
export const mock: Provider = {
  dialect,
  telemetryName: 'mock',
  requestURL: appendPath,
  authHeaders: () => ({}),
  respond,
};
