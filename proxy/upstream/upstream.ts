import type { Dispatcher } from 'undici';
import type { Endpoint } from '../../core/providers/provider.ts';

/** One request to a provider. */
export interface UpstreamRequest {
  endpoint: Endpoint;
  /** The model's name at the provider. */
  model: string;
  /** Flat list of names and values. */
  headers: string[];
  body: Buffer;
}

/** Where requests of one credential go. */
export interface Upstream {
  /** Starts the request; everything that happens to it is told to the handler. */
  send(request: UpstreamRequest, handler: Dispatcher.DispatchHandler): void;
  /** Lets requests under way end, then frees the connections. */
  close(): Promise<void>;
}
