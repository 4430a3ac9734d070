import type { Script } from '../upstream/script.ts';

/** A stream of events without an end, and how many of them have been written. */
export function endless(): { script: Script; written: () => number } {
  let written = 0;
  const event = `data: {"choices":[{"delta":{"content":"${'a'.repeat(16_000)}"}}]}\n\n`;
  const script: Script = () => ({
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    steps: (function* steps() {
      for (;;) {
        written++;
        yield { write: event };
      }
    })(),
  });
  return { script, written: () => written };
}
