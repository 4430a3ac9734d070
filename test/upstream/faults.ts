import type { Reply, Script, Step } from './script.ts';

/** Spoils a reply. */
export type Fault = (reply: Reply) => Reply;

/** The script with faults, the first one applied first. */
export function faulty(script: Script, ...faults: Fault[]): Script {
  return (request) => faults.reduce((reply, fault) => fault(reply), script(request));
}

/** Milliseconds of silence before the status line. */
export function lateHead(ms: number): Fault {
  return (reply) => ({ ...reply, headAfter: ms });
}

/** The head at once, then silence until the first byte of the body. */
export function lateBody(ms: number): Fault {
  return onSteps(function* late(steps) {
    yield { wait: ms };
    yield* steps;
  });
}

/** Silence before every piece but the first. */
export function paced(ms: number): Fault {
  return onSteps(function* pace(steps) {
    let first = true;
    for (const step of steps) {
      if ('write' in step && !first) yield { wait: ms };
      if ('write' in step) first = false;
      yield step;
    }
  });
}

/** After so many pieces, silence until the promise is settled. */
export function heldAfter(pieces: number, until: Promise<unknown>): Fault {
  return onSteps(function* hold(steps) {
    let left = pieces;
    for (const step of steps) {
      if ('write' in step && left-- === 0) yield { until };
      yield step;
    }
  });
}

/** The connection dies behind so many bytes of the body. */
export function cutAfter(bytes: number, cut: 'reset' | 'fin' = 'reset'): Fault {
  return onSteps(function* shorten(steps) {
    let left = bytes;
    for (const step of steps) {
      if (!('write' in step)) yield step;
      else {
        const piece = Buffer.from(step.write).subarray(0, left);
        left -= piece.length;
        yield { write: piece };
        if (left === 0) break;
      }
    }
    yield { cut };
  });
}

/** The HTTP message ends properly, and the stream was not finished. */
export const withoutDone: Fault = onSteps(function* drop(steps) {
  for (const step of steps) if (!('write' in step) || !step.write.includes('[DONE]')) yield step;
});

/** Lines end with CR LF, which the standard allows. */
export const crlf: Fault = onSteps(function* widen(steps) {
  for (const step of steps) {
    yield 'write' in step ? { write: step.write.toString().replaceAll('\n', '\r\n') } : step;
  }
});

/** The same bytes in other pieces, cut at these offsets of the body. Waits and cuts of the script are dropped. */
export function splitAt(...offsets: number[]): Fault {
  return onSteps(function* split(steps) {
    const writes = [...steps].flatMap((step) => ('write' in step ? [Buffer.from(step.write)] : []));
    const body = Buffer.concat(writes);
    const bounds = [...offsets.filter((offset) => offset < body.length), body.length];
    let from = 0;
    for (const bound of bounds) {
      yield { write: body.subarray(from, bound) };
      // Two writes in one turn would leave in one packet.
      yield { wait: 1 };
      from = bound;
    }
  });
}

/** A comment before every event, as OpenRouter sends while it waits: https://openrouter.ai/docs/api-reference/streaming */
export function withComments(comment = ': OPENROUTER PROCESSING\n\n'): Fault {
  return onSteps(function* comments(steps) {
    for (const step of steps) {
      if ('write' in step) yield { write: comment };
      yield step;
    }
  });
}

/**
 * Where a stream carries its usage: `everyChunk` sums up as it goes, `lastChunk` is together with the finish
 * reason instead of a chunk without choices, `none` has forgotten what it was asked.
 */
export function usagePlaced(where: 'everyChunk' | 'lastChunk' | 'none'): Fault {
  return (reply) => {
    const chunks = [...reply.steps].map((step) => ({ step, chunk: chunkOf(step) }));
    const usage = chunks.findLast(({ chunk }) => chunk?.['usage'])?.chunk?.['usage'];
    const kept = chunks.filter(({ chunk }) => !chunk || (chunk['choices'] as unknown[]).length > 0);
    const last = kept.findLast(({ chunk }) => chunk)?.chunk;
    const steps = kept.map(({ step, chunk }): Step => {
      if (!chunk) return step;
      const { usage: _usage, ...rest } = chunk;
      const carries = where === 'everyChunk' || (where === 'lastChunk' && chunk === last);
      return { write: `data: ${JSON.stringify(carries ? { ...rest, usage } : rest)}\n\n` };
    });
    return { ...reply, steps };
  };
}

function chunkOf(step: Step): Record<string, unknown> | undefined {
  const text = 'write' in step ? step.write.toString() : '';
  return text.startsWith('data: {') ? (JSON.parse(text.slice(6)) as Record<string, unknown>) : undefined;
}

function onSteps(change: (steps: Iterable<Step>) => Iterable<Step>): Fault {
  return (reply) => ({ ...reply, steps: change(reply.steps) });
}
