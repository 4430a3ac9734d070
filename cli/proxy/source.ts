import type { Gateway } from '../../proxy/gateway.ts';

/** Where this proxy's configurations come from. */
export interface ProxySource {
  /** As `/status` shows it. */
  description: string;
  /** Brings configurations to the gateway from now on. */
  follow(gateway: Gateway): Following;
}

export interface Following {
  stop(): Promise<void>;
}
