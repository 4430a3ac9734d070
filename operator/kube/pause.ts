import { setTimeout } from 'node:timers/promises';

/** Waits; less long when the signal ends it, which is no error. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => {});
}
