const CHARS_PER_TOKEN = 4;
const MAX_PIECES = 200;

/** An estimate: four characters to a token. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}

/** As much of the text as this many tokens hold, and whether that is less than all. */
export function truncate(text: string, maxTokens: number): { text: string; truncated: boolean } {
  const end = maxTokens * CHARS_PER_TOKEN;
  if (text.length <= end) return { text, truncated: false };
  // Half of a surrogate pair is no character.
  return { text: text.slice(0, end).replace(/[\uD800-\uDBFF]$/, ''), truncated: true };
}

/** What a stream sends one by one: words with the white space before them, several at a time in a long text. */
export function pieces(text: string): string[] {
  const words = text.match(/\s*\S+|\s+$/g) ?? [];
  const size = Math.ceil(words.length / MAX_PIECES);
  if (size <= 1) return words;
  return Array.from({ length: Math.ceil(words.length / size) }, (_, i) =>
    words.slice(i * size, (i + 1) * size).join(''),
  );
}

/** 56 words. */
export const LOREM =
  'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et ' +
  'dolore magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ' +
  'ex ea commodo consequat. Duis aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu ' +
  'fugiat nulla pariatur.';
