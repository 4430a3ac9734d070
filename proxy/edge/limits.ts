const SECOND = 1_000;

/** Milliseconds and bytes. */
export interface EdgeLimits {
  /** Until the head of a request has arrived. */
  headersTimeout: number;
  /** Until the body has arrived, too. */
  requestTimeout: number;
  /** How often the two are looked at. */
  connectionsCheckingInterval: number;
  keepAliveTimeout: number;
  maxHeaderSize: number;
  maxConnections: number;
  maxUrlLength: number;
}

/** Every one is set, because the defaults of server and framework leave some open. */
export const EDGE_LIMITS: EdgeLimits = {
  headersTimeout: 10 * SECOND,
  requestTimeout: 60 * SECOND,
  connectionsCheckingInterval: SECOND,
  keepAliveTimeout: 72 * SECOND,
  maxHeaderSize: 16 * 1024,
  maxConnections: 20_000,
  maxUrlLength: 2_048,
};
