import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** A page by its path from the root. */
export function page(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The fenced blocks of one language. */
export function blocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , text]) => text!);
}

/** What stands under a heading, up to the next one of its level or above. */
export function section(markdown: string, heading: string): string {
  const [marks] = /^#+/.exec(heading)!;
  const start = markdown.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`there is no "${heading}"`);
  const from = start + heading.length + 2;
  const end = withoutFences(markdown)
    .slice(from)
    .search(new RegExp(`^#{1,${marks.length}} `, 'm'));
  return end < 0 ? markdown.slice(from) : markdown.slice(from, from + end);
}

/** Of the same length: a # in a command is no heading. */
function withoutFences(markdown: string): string {
  return markdown.replaceAll(/^```[\s\S]*?^```$/gm, (fence) => ' '.repeat(fence.length));
}

/** Headings of one level. */
export function headings(markdown: string, level: number): string[] {
  return [...withoutFences(markdown).matchAll(new RegExp(`^#{${level}} (.+)$`, 'gm'))].map(
    ([, name]) => name!,
  );
}

/** Fragments that links may name, as GitHub makes them. */
export function anchors(markdown: string): string[] {
  const names = [1, 2, 3, 4].flatMap((level) => headings(markdown, level));
  return names.map((name) =>
    name
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
}
