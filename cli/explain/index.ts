import { explain as explainRequest } from '../../core/explain/index.ts';
import { allProblems, compileOffline } from '../compile-files.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { print, printError, printJson } from '../output.ts';
import { formatProblem } from '../yaml/problem.ts';
import { asText } from './text.ts';

export interface ExplainOptions {
  file: readonly string[];
  key: string;
  model: string;
  header?: Readonly<Record<string, string>>;
  json?: boolean;
}

/** `modelgate explain`: what would happen to a request; problems of the files stand on standard error. */
export async function explain({ file, key, model, header, json }: ExplainOptions): Promise<ExitCode> {
  const now = Date.now();
  const compiled = await compileOffline(file, { assumeSecrets: true, now });
  for (const problem of allProblems(compiled)) printError(formatProblem(problem));
  const explanation = explainRequest(compiled.config, { caller: key, model, headers: header ?? {}, now });
  if (json) printJson(explanation);
  else print(asText(explanation));
  return explanation.outcome.allowed ? EXIT.ok : EXIT.problems;
}
