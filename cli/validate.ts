import { allProblems, compileOffline } from './compile-files.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { count, print, printJson } from './output.ts';
import { byPlace, formatProblem } from './yaml/problem.ts';

export interface ValidateOptions {
  file: readonly string[];
  assumeSecrets?: boolean;
  json?: boolean;
}

/** `modelgate validate`: one line a problem, and a summary. */
export async function validate({ file, assumeSecrets = false, json }: ValidateOptions): Promise<ExitCode> {
  const compiled = await compileOffline(file, { assumeSecrets });
  const { loaded } = compiled;
  const problems = allProblems(compiled).toSorted(byPlace);
  const resources = loaded.resources.length;
  const ok = problems.length === 0;
  if (json) printJson({ ok, resources, skipped: loaded.foreign, problems });
  else {
    for (const problem of problems) print(formatProblem(problem));
    print(summary(resources, problems.length, loaded.foreign));
  }
  return ok ? EXIT.ok : EXIT.problems;
}

function summary(resources: number, problems: number, foreign: number): string {
  const skipped = foreign > 0 ? ` (${count(foreign, 'object')} of other kinds skipped)` : '';
  const found = problems > 0 ? `, ${count(problems, 'problem')}` : '';
  return `${problems > 0 ? '' : 'ok: '}${count(resources, 'resource')}${found}${skipped}`;
}
