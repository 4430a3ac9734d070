import { CALLER_KEY } from '../gateway/config.ts';
import type { TestGateway } from '../gateway/start.ts';

export interface Question {
  /** Behind `/v1/`. */
  path?: string;
  model?: string;
  /** Further fields of the body. */
  fields?: object;
  /** The body as it is, in place of the fields. */
  body?: string;
  headers?: Record<string, string>;
  key?: string;
  signal?: AbortSignal;
}

/** Sends one request, a chat that says "Hi there you" unless told otherwise. */
export function ask(gateway: TestGateway, question: Question = {}): Promise<Response> {
  const { path = 'chat/completions', model = 'chat', key = CALLER_KEY } = question;
  const messages = [{ role: 'user', content: 'Hi there you' }];
  const body = question.body ?? JSON.stringify({ model, messages, ...question.fields });
  return fetch(`${gateway.url}/${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
      ...question.headers,
    },
    body,
    ...(question.signal && { signal: question.signal }),
  });
}

/** The same, as a stream. */
export function askStream(gateway: TestGateway, question: Question = {}): Promise<Response> {
  return ask(gateway, { ...question, fields: { stream: true, ...question.fields } });
}

/** Status and `error.code` of an answer; the code is undefined for one that is no error. */
export async function outcome(answer: Response | Promise<Response>): Promise<[number, string | undefined]> {
  const response = await answer;
  const { error } = (await response.json()) as { error?: { code: string } };
  return [response.status, error?.code];
}

/** Statuses of so many requests, of which `atOnce` are under way at any time. */
export async function statuses(send: () => Promise<Response>, count: number, atOnce = 1): Promise<number[]> {
  const seen: number[] = [];
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const response = await send();
      await response.arrayBuffer();
      seen.push(response.status);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return seen;
}

/** Asks again and again until the answer is as wished; the test's own time limit ends it otherwise. */
export async function until<T>(probe: () => Promise<T> | T, wished: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await probe();
    if (wished(value)) return value;
    await new Promise((resolve) => void setTimeout(resolve, 5));
  }
}

/** The `data` of each event of a stream, and its comments. */
export function eventsOf(text: string): string[] {
  return text
    .split(/\r?\n\r?\n/)
    .filter(Boolean)
    .map((event) => event.replace(/^data: ?/, ''));
}
