/** One member of a JSON object, as byte offsets: `start` at the quote of its key, `end` just behind its value. */
export interface Member {
  key: string;
  start: number;
  valueStart: number;
  end: number;
}

/** The bytes are not what was asked for. `offset` is where. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} at byte ${offset}`);
    this.offset = offset;
  }
}

const MAX_DEPTH = 64;
const MAX_MEMBERS = 10_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * The top-level members of a JSON object in one pass that builds no values: a long prompt costs a search for its
 * closing quote. The structure is checked to the last byte; what is inside strings and numbers is not.
 *
 * @throws JsonError when it is no object, is malformed, deeper than 64, or has over 10,000 top-level members.
 */
export function scanObject(bytes: Buffer): Member[] {
  const scanner = new Scanner(bytes);
  const members = scanner.members();
  scanner.space();
  if (scanner.at !== bytes.length) throw new JsonError('unexpected text behind the object', scanner.at);
  return members;
}

const WORDS = new Set(['true', 'false', 'null']);

class Scanner {
  at = 0;
  readonly #bytes: Buffer;
  /** The closing byte of each open container. */
  readonly #open: number[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  members(): Member[] {
    const members: Member[] = [];
    this.space();
    this.#expect(OPEN_OBJECT, 'a JSON object');
    this.space();
    if (this.#take(CLOSE_OBJECT)) return members;
    do {
      if (members.length === MAX_MEMBERS) throw new JsonError(`more than ${MAX_MEMBERS} fields`, this.at);
      members.push(this.#member());
      this.space();
    } while (this.#take(COMMA));
    this.#expect(CLOSE_OBJECT, '"," or "}"');
    return members;
  }

  space(): void {
    const bytes = this.#bytes;
    for (let c = bytes[this.at]; c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09; c = bytes[this.at]) {
      this.at++;
    }
  }

  #member(): Member {
    this.space();
    const start = this.at;
    const key = this.#key();
    this.space();
    const valueStart = this.at;
    this.#value();
    return { key, start, valueStart, end: this.at };
  }

  /** A key and its colon. */
  #key(): string {
    const start = this.at;
    this.#string();
    const end = this.at;
    this.space();
    this.#expect(COLON, '":"');
    const text = this.#bytes.toString('utf8', start + 1, end - 1);
    if (!text.includes('\\')) return text;
    try {
      return JSON.parse(`"${text}"`) as string;
    } catch {
      throw new JsonError('malformed escape in a field name', start);
    }
  }

  /** Any value; containers are walked without recursion, so that depth costs no stack. */
  #value(): void {
    const open = this.#open;
    for (;;) {
      if (this.#opens()) continue;
      while (open.length > 0 && this.#closed()) open.pop();
      if (open.length === 0) return;
    }
  }

  /** True when a container was opened and its first value follows; a scalar or an empty container is consumed. */
  #opens(): boolean {
    this.space();
    const c = this.#bytes[this.at];
    if (c !== OPEN_OBJECT && c !== OPEN_ARRAY) {
      if (c === QUOTE) this.#string();
      else this.#scalar();
      return false;
    }
    const close = c === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY;
    if (this.#open.length + 1 >= MAX_DEPTH) throw new JsonError(`nested deeper than ${MAX_DEPTH}`, this.at);
    this.at++;
    this.space();
    if (this.#take(close)) return false;
    this.#open.push(close);
    if (c === OPEN_OBJECT) this.#skipKey();
    return true;
  }

  /** Behind a value: true when the innermost container ends here, false when another value follows. */
  #closed(): boolean {
    this.space();
    const close = this.#open.at(-1)!;
    if (this.#take(close)) return true;
    this.#expect(COMMA, `"," or "${String.fromCharCode(close)}"`);
    this.space();
    if (close === CLOSE_OBJECT) this.#skipKey();
    return false;
  }

  #skipKey(): void {
    this.#string();
    this.space();
    this.#expect(COLON, '":"');
  }

  #string(): void {
    const bytes = this.#bytes;
    if (bytes[this.at] !== QUOTE) throw new JsonError("expected '\"'", this.at);
    const start = this.at;
    let from = start + 1;
    for (;;) {
      const quote = closeQuote(bytes, from);
      if (quote < 0) throw new JsonError('unterminated string', start);
      if (!escaped(bytes, quote, start)) {
        this.at = quote + 1;
        return;
      }
      from = quote + 1;
    }
  }

  /** Numbers are told by how they start; the provider checks the rest. */
  #scalar(): void {
    const bytes = this.#bytes;
    const start = this.at;
    while (isScalarByte(bytes[this.at])) this.at++;
    if (startsNumber(bytes[start])) return;
    const word = bytes.toString('latin1', start, Math.min(this.at, start + 6));
    if (!WORDS.has(word)) throw new JsonError('expected a value', start);
  }

  #take(byte: number): boolean {
    if (this.#bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  #expect(byte: number, what: string): void {
    if (!this.#take(byte)) throw new JsonError(`expected ${what}`, this.at);
  }
}

/** Short strings are looped over; beyond that the native search wins. */
function closeQuote(bytes: Buffer, from: number): number {
  const near = Math.min(from + 32, bytes.length);
  for (let i = from; i < near; i++) if (bytes[i] === QUOTE) return i;
  return bytes.indexOf(QUOTE, near);
}

function escaped(bytes: Buffer, quote: number, start: number): boolean {
  let i = quote - 1;
  while (i > start && bytes[i] === BACKSLASH) i--;
  return (quote - 1 - i) % 2 === 1;
}

function startsNumber(c: number | undefined): boolean {
  return c !== undefined && (c === 0x2d || (c >= 0x30 && c <= 0x39));
}

/** Letters of the three words, digits, and what a number is written with. */
function isScalarByte(c: number | undefined): boolean {
  if (c === undefined) return false;
  const letterOrDigit = (c >= 0x61 && c <= 0x7a) || (c >= 0x30 && c <= 0x39);
  return letterOrDigit || c === 0x2d || c === 0x2b || c === 0x2e || c === 0x45;
}
