import type { Gateway } from '../proxy/gateway.ts';

/** Milliseconds that requests under way get: whatever is broken may break them too. */
const DRAIN = 5_000;
/** Milliseconds after which the process ends whether it has drained or not. */
const AT_MOST = 7_000;

/** A defect that nobody caught leaves the process in a state that nobody knows: it takes no more, and ends with 1. */
export function stopOnCrash(gateway: Gateway): void {
  let stopping = false;
  const crashed = (error: unknown): void => {
    gateway.log.fatal({ err: error }, 'crashed; stopping');
    if (!stopping) void stop(gateway);
    stopping = true;
  };
  process.on('uncaughtException', crashed);
  process.on('unhandledRejection', crashed);
}

async function stop(gateway: Gateway): Promise<void> {
  setTimeout(() => process.exit(1), AT_MOST);
  try {
    await gateway.stop(DRAIN);
  } finally {
    process.exit(1);
  }
}
