import type { InProcessAnswer, Step } from '../provider.ts';
import type { Behaviour } from './behaviour.ts';

/**
 * One JSON object.
 *
 * @param turns how many pieces a stream would have had: a model that writes slowly is ready late
 */
export function jsonAnswer(body: object, behaviour: Behaviour, turns = 0): InProcessAnswer {
  const { wait = 0, pace = 0, breaksOff } = behaviour;
  const text = JSON.stringify(body);
  const half = text.length >> 1;
  const writes = breaksOff ? [text.slice(0, half), text.slice(half)] : [text];
  const steps = played(writes, { ...behaviour, wait: wait + pace * turns });
  return { status: 200, headers: { 'content-type': 'application/json' }, steps };
}

/** Server-sent events: https://platform.openai.com/docs/api-reference/chat/create#chat-create-stream */
export function eventAnswer(events: readonly object[], behaviour: Behaviour): InProcessAnswer {
  const writes = [...events.map((event) => JSON.stringify(event)), '[DONE]'].map(
    (data) => `data: ${data}\n\n`,
  );
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };
  return { status: 200, headers, steps: played(writes, behaviour) };
}

function played(writes: readonly string[], { wait = 0, pace, breaksOff }: Behaviour): Step[] {
  const shown = breaksOff ? writes.slice(0, Math.ceil(writes.length / 2)) : writes;
  const steps = shown.flatMap((write, i): Step[] =>
    pace !== undefined && i > 0 ? [{ wait: pace }, { write }] : [{ write }],
  );
  if (wait > 0) steps.unshift({ wait });
  if (breaksOff) steps.push({ breakOff: true });
  return steps;
}
