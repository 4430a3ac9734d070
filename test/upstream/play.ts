import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Reply, Step } from './script.ts';

/** Writes a reply to a connection; stops where the connection is closed. */
export async function play(
  { status, headers, headAfter = 0, steps }: Reply,
  res: ServerResponse,
): Promise<void> {
  const closed = new AbortController();
  res.once('close', () => closed.abort());
  try {
    await wait(headAfter, closed.signal);
    res.writeHead(status, headers);
    res.flushHeaders();
    for (const step of steps) {
      if (closed.signal.aborted) return;
      await perform(step, res, closed.signal);
    }
    res.end();
  } catch (error) {
    if (!closed.signal.aborted) throw error;
  }
}

async function perform(step: Step, res: ServerResponse, signal: AbortSignal): Promise<void> {
  if ('wait' in step) return wait(step.wait, signal);
  if ('until' in step) return void (await Promise.race([step.until, once(signal, 'abort')]));
  if ('cut' in step) return cut(res, step.cut);
  if (!res.write(step.write)) await once(res, 'drain', { signal });
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0) return;
  if (ms === Infinity) await once(signal, 'abort');
  else await delay(ms, undefined, { signal });
  signal.throwIfAborted();
}

/** What was written before is on its way first. */
async function cut(res: ServerResponse, how: 'reset' | 'fin'): Promise<void> {
  const { socket } = res;
  if (!socket) return;
  await new Promise<void>((resolve) => void socket.write('', () => resolve()));
  if (how === 'reset') socket.resetAndDestroy();
  else socket.destroySoon();
  await once(res, 'close');
}
