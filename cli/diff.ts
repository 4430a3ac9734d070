import { diff as diffConfigs, type Change } from '../core/diff/index.ts';
import { allProblems, compileOffline, type Compiled } from './compile-files.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { count, print, printError, printJson } from './output.ts';
import { formatProblem } from './yaml/problem.ts';

export interface DiffOptions {
  file: readonly string[];
  against: readonly string[];
  exitCode?: boolean;
  json?: boolean;
}

/** `modelgate diff`: what a change does to callers. Files that cannot be read make it worthless: exit 1. */
export async function diff({ file, against, exitCode, json }: DiffOptions): Promise<ExitCode> {
  const now = Date.now();
  const [before, after] = [
    await compileOffline(file, { assumeSecrets: true, now }),
    await compileOffline(against, { assumeSecrets: true, now }),
  ];
  const readable = [before, after].map(reportProblems).every(Boolean);
  const changes = diffConfigs(before.config, after.config);
  const breaking = changes.some((change) => change.breaking);
  if (json) printJson({ breaking, changes });
  else print(asText(changes));
  return !readable || (exitCode === true && breaking) ? EXIT.problems : EXIT.ok;
}

/** Whether all of the files could be read. */
function reportProblems(compiled: Compiled): boolean {
  for (const problem of allProblems(compiled)) printError(formatProblem(problem));
  return compiled.loaded.problems.length === 0;
}

function asText(changes: readonly Change[]): string {
  if (changes.length === 0) return 'nothing changes for callers';
  const lines = changes.flatMap(({ breaking, text, details = [] }) => [
    `${breaking ? '!' : ' '} ${text}`,
    ...details.map((detail) => `      ${detail}`),
  ]);
  const breaking = changes.filter((change) => change.breaking).length;
  const marked = breaking > 0 ? `, ${breaking} of them breaking (marked with !)` : ', none of them breaking';
  return [...lines, `${count(changes.length, 'change')}${marked}`].join('\n');
}
