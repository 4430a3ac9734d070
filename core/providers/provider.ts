import type { Endpoint } from '../chat/endpoint.ts';
import type { Dialect } from '../dialects/dialect.ts';

export type { Endpoint } from '../chat/endpoint.ts';

/** Whom we call: a dialect, an address and a way to log in. */
export interface Provider {
  dialect: Dialect;
  /** `gen_ai.provider.name` of OpenTelemetry's GenAI conventions. */
  telemetryName: string;
  /** Where requests go when the credential names no base URL; absent: it must name one, unless `respond` answers. */
  defaultBaseURL?: string;
  /** The address of an endpoint. `base` ends without a slash. */
  requestURL(base: URL, endpoint: Endpoint, model: string): URL;
  /** Headers that carry the key, names in lower case. */
  authHeaders(key: string): Record<string, string>;
  /** Answers inside the process instead of over the network. Pure: the same request, the same answer. */
  respond?(request: InProcessRequest): InProcessAnswer;
}

export interface InProcessRequest {
  endpoint: Endpoint;
  model: string;
  /** The JSON that the provider would get. */
  body: Buffer;
}

/** `wait` is in milliseconds; `breakOff` is a connection that dies there. */
export type Step = { wait: number } | { write: string } | { breakOff: true };

export interface InProcessAnswer {
  status: number;
  headers: Record<string, string>;
  steps: readonly Step[];
}
