import { setTimeout as delay } from 'node:timers/promises';

/** Waits; less when the signal says that there is no need any more. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
