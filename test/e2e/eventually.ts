import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds. */
const STEP = 20;

/**
 * Waits until something is so.
 * @param within milliseconds after which it is a failure that says what was seen last
 */
export async function eventually<T>(
  look: () => Promise<T>,
  isSo: (seen: T) => boolean,
  within = 30_000,
): Promise<T> {
  const deadline = performance.now() + within;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(seen)} after ${within} ms`);
    await delay(STEP);
  }
}
