import { readFileSync, writeFileSync } from 'node:fs';

const README = new URL('README.md', import.meta.url);
const HEADING = '## Last run\n';

/** Replaces the last section of the README. */
export function writeLastRun(result: string): void {
  const text = readFileSync(README, 'utf8');
  const before = text.slice(0, text.indexOf(HEADING));
  writeFileSync(README, `${before}${HEADING}\n${result}\n`);
}
