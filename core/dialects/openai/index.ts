import type { Dialect } from '../dialect.ts';
import { failedAtOnce, relayErrorEvent, renderError, renderErrorEvent } from './error.ts';
import { parseRequest } from './request.ts';
import { OpenAIStreamTap } from './stream.ts';
import { readUsage } from './usage.ts';

export const openai: Dialect = {
  parseRequest,
  renderError,
  renderErrorEvent,
  relayErrorEvent,
  failedAtOnce,
  heartbeat: ': ping\n\n',
  readUsage,
  tapStream: (hideUsage) => new OpenAIStreamTap(hideUsage),
};
