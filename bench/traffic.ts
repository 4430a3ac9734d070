import { aliasOf, keyOf, type Mode } from './parties.ts';

/** What callers send, whichever server they call. */
export interface Traffic {
  mode: Mode;
  /** Size of the body, about. */
  bytes: number;
  connections: number;
  /** One request for each, sent in turn. */
  keys?: readonly string[];
  alias?: string;
  status?: number;
}

/** What the official SDK sends with every request. */
const SDK_HEADERS = [
  'accept: application/json',
  'content-type: application/json',
  'user-agent: OpenAI/JS 6.0.0',
  'x-stainless-retry-count: 0',
  'x-stainless-lang: js',
  'x-stainless-package-version: 6.0.0',
  'x-stainless-os: Linux',
  'x-stainless-arch: x64',
  'x-stainless-runtime: node',
  'x-stainless-runtime-version: v26.0.0',
  'accept-language: *',
  'accept-encoding: identity',
].join('\r\n');

export function requestsOf({ mode, bytes, keys = [keyOf(0)], alias }: Traffic, path: string): Buffer[] {
  const body = bodyOf(alias ?? aliasOf(mode), bytes, mode === 'stream' || mode === 'paced');
  const length = Buffer.byteLength(body);
  return keys.map((key) =>
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${key}\r\n${SDK_HEADERS}\r\ncontent-length: ${length}\r\n\r\n${body}`,
    ),
  );
}

const MESSAGE_BYTES = 2_000;
const LINE = 'She said "yes", and the naïve parser read on: ключ, 鍵, {"a": [1, 2]}.\n';

/** A conversation with what makes JSON dear to parse: escapes, and characters beyond ASCII. */
function bodyOf(model: string, bytes: number, stream: boolean): string {
  const body = (messages: object[]): string =>
    JSON.stringify({ model, messages, temperature: 0.7, ...(stream && { stream: true }) });
  const message = (role: string, size: number): object => {
    return {
      role,
      content: LINE.repeat(Math.max(1, Math.floor(size / Buffer.byteLength(JSON.stringify(LINE))))),
    };
  };
  const messages = [message('system', 100)];
  for (let i = 0, left = bytes - 250; left > 0; i++, left -= MESSAGE_BYTES) {
    messages.push(message(i % 2 === 0 ? 'user' : 'assistant', Math.min(left, MESSAGE_BYTES)));
  }
  return body(messages);
}
