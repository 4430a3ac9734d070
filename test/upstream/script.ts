import type { Endpoint } from '../../core/providers/provider.ts';
import { mock } from '../../core/providers/mock/index.ts';
import type { Received } from './received.ts';

/** What happens next in an answer. Times are milliseconds. */
export type Step =
  | { wait: number }
  /** Silence until the test says so. */
  | { until: Promise<unknown> }
  | { write: string | Buffer }
  /** `reset`: a TCP RST; `fin`: the connection ends without the end of the HTTP message. */
  | { cut: 'reset' | 'fin' };

export interface Reply {
  status: number;
  headers: Record<string, string>;
  /** Silence before the status line; Infinity: there is no answer at all. */
  headAfter?: number;
  steps: Iterable<Step>;
}

/** Decides what a request is answered with. */
export type Script = (request: Received) => Reply;

const ENDPOINT = /\/(chat\/completions|completions|embeddings)(?:\?|$)/;

/**
 * Answers as the model of the mock provider does, whatever model the request names. Without a name: embeds, calls
 * a tool when there are some, echoes.
 */
export function like(mockModel?: string): Script {
  return (request) => {
    const endpoint = ENDPOINT.exec(request.path)?.[1] as Endpoint | undefined;
    if (!endpoint) return fail(404)(request);
    const model = mockModel ?? defaultModel(endpoint, request);
    const { status, headers, steps } = mock.respond!({ endpoint, model, body: request.body });
    return {
      status,
      headers,
      steps: steps.map((step): Step => ('breakOff' in step ? { cut: 'fin' } : step)),
    };
  };
}

function defaultModel(endpoint: Endpoint, { body }: Received): string {
  if (endpoint === 'embeddings') return 'embed';
  return body.includes('"tools"') ? 'tools' : 'echo';
}

/** An error with the body that OpenAI gives it. */
export function fail(status: number, headers: Record<string, string> = {}): Script {
  const model = `error-${status}`;
  const answer = mock.respond!({ endpoint: 'chat/completions', model, body: Buffer.alloc(0) });
  return () => ({
    status,
    headers: { 'content-type': 'application/json', ...headers },
    steps: answer.steps as Step[],
  });
}

/** A whole answer with its length in the head. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Script {
  const text = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const head = { 'content-type': 'application/json', 'content-length': String(text.length), ...headers };
  return () => ({ status, headers: head, steps: [{ write: text }] });
}

/** A stream of these events, each with the blank line behind it. Text is taken as it is, objects become `data`. */
export function stream(...events: (string | object)[]): Script {
  const steps = events.map((event) => ({
    write: typeof event === 'string' ? event : `data: ${JSON.stringify(event)}\n\n`,
  }));
  return () => ({ status: 200, headers: { 'content-type': 'text/event-stream' }, steps });
}

/** Answers 401 with the credential in the message, as careless providers do. */
export const tellCredential: Script = ({ headers }) => ({
  status: 401,
  headers: { 'content-type': 'application/json' },
  steps: [
    {
      write: JSON.stringify({
        error: {
          message: `Incorrect API key provided: ${headers.authorization}.`,
          type: 'invalid_request_error',
          param: null,
          code: 'invalid_api_key',
        },
      }),
    },
  ],
});

export function redirect(location: string): Script {
  return () => ({ status: 302, headers: { location }, steps: [] });
}

/** A body of so many bytes, written as fast as they are taken. */
export function huge(bytes: number, contentType = 'application/json'): Script {
  const piece = Buffer.alloc(64 * 1024, 0x20);
  return () => ({
    status: 200,
    headers: { 'content-type': contentType },
    steps: (function* steps() {
      for (let left = bytes; left > 0; left -= piece.length) yield { write: piece.subarray(0, left) };
    })(),
  });
}

/** Takes the request and never answers. */
export const hang: Script = () => ({ status: 200, headers: {}, headAfter: Infinity, steps: [] });
