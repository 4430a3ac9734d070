const EVENTS = 50;
const COMPLETION_BYTES = 1_024;
const ID = 'chatcmpl-bench000000000000000000';
const CREATED = 1_700_000_000;
const USAGE = { prompt_tokens: 180, completion_tokens: 49, total_tokens: 229 };

/** A whole HTTP response: a chat completion whose body has 1 KB. */
export function completion(): Buffer {
  const body = (content: string) =>
    JSON.stringify({
      id: ID,
      object: 'chat.completion',
      created: CREATED,
      model: 'upstream-model',
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage: USAGE,
    });
  const bytes = body('x'.repeat(COMPLETION_BYTES - body('').length));
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${bytes.length}\r\n\r\n${bytes}`,
  );
}

/** The server-sent events of one completion of 50 events; the last but one holds the usage. */
export function stream(): string[] {
  const chunk = (rest: object) =>
    `data: ${JSON.stringify({ id: ID, object: 'chat.completion.chunk', created: CREATED, model: 'upstream-model', ...rest })}\n\n`;
  const words = Array.from({ length: EVENTS - 3 }, (_, i) =>
    chunk({ choices: [{ index: 0, delta: { content: ` word${i}` }, finish_reason: null }] }),
  );
  const finish = chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  return [...words, finish, chunk({ choices: [], usage: USAGE }), 'data: [DONE]\n\n'];
}

/** One chunk of the chunked transfer coding. */
export function chunked(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}
