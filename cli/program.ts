import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import about from '../package.json' with { type: 'json' };
import { isCIDR } from '../core/net/egress.ts';
import type { DiffOptions } from './diff.ts';
import type { ExplainOptions } from './explain/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { printError } from './output.ts';
import { operatorCommand } from './operator/command.ts';
import { proxyCommand } from './proxy/command.ts';
import type { ServeOptions } from './serve/index.ts';
import type { ValidateOptions } from './validate.ts';

const FILES = 'files, or folders with *.yaml, *.yml and *.json in them; - is standard input';
const EXITS = 'Exit codes: 0 fine, 1 problems were found, 2 the command line is wrong.';

/** Does what the command line says, and returns the exit code. */
export async function run(): Promise<number> {
  try {
    await program().parseAsync();
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    // Commander has said what is wrong; asking for help or the version is nothing wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    printError(`modelgate: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return EXIT.problems;
  }
}

/** What a command needs is imported when it runs. */
function program(): Command {
  const { version } = about;
  const root = new Command('modelgate')
    .description('AI gateway: stable model aliases, caller keys, provider credentials and traffic policy')
    .version(version)
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride();
  addServe(root, version);
  root.addCommand(operatorCommand().copyInheritedSettings(root));
  root.addCommand(proxyCommand().copyInheritedSettings(root));
  addValidate(root);
  addExplain(root);
  addDiff(root);
  return root.addHelpText(
    'after',
    `
Examples:
  modelgate serve                                   start on what is found here; answers without an account too
  modelgate serve --config ./config                 serve the YAML in a folder, and every change to it
  modelgate validate -f ./config                    check it
  modelgate explain -f ./config --key shop --model chat
  modelgate diff -f ./main --against ./branch       what a change does to callers

${EXITS}`,
  );
}

function addServe(root: Command, version: string): void {
  root
    .command('serve')
    .description('run the gateway in this process')
    .option('--config <path...>', FILES.replace('; - is standard input', '; watched for changes'))
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--port <port>', 'for applications', port, 8080)
    .option('--admin-port <port>', 'for operators: /metrics, /status, /explain', port, 9090)
    .addOption(
      new Option('--log-level <level>', 'how much is logged')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
        .default('info'),
    )
    .option('--state-dir <folder>', 'where generated keys are kept', '.modelgate')
    .option(
      '--allow-private-upstreams [boolean]',
      'let a baseURL lead to this machine and private networks',
      trueOrFalse,
      true,
    )
    .option('--denied-cidrs <cidr...>', 'ranges of addresses that are never called', cidrs)
    .addHelpText(
      'after',
      `
Without --config it starts on what it finds: provider keys in the environment, model servers on this machine,
and always mock models. It makes a caller key and prints what to try.

Examples:
  modelgate serve
  OPENAI_API_KEY=sk-... modelgate serve
  modelgate serve --config ./config --host 0.0.0.0 --port 80`,
    )
    .action(async (options: ServeOptions) => {
      const { serve } = await import('./serve/index.ts');
      // What is still open then, such as a connection kept for later, is no reason to stay.
      process.exit(await serve({ ...options, version }));
    });
}

function addValidate(root: Command): void {
  root
    .command('validate')
    .description('check resources; one line for each problem')
    .requiredOption('-f, --file <path...>', FILES)
    .option('--assume-secrets', 'take Secrets and variables that are not there as if they were')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  modelgate validate -f ./config
  helm template ./chart | modelgate validate -f - --assume-secrets

${EXITS}`,
    )
    .action(async (options: ValidateOptions) => {
      const { validate } = await import('./validate.ts');
      await exitWith(validate(options));
    });
}

function addExplain(root: Command): void {
  root
    .command('explain')
    .description('what would happen to a request, and why')
    .requiredOption('-f, --file <path...>', FILES)
    .requiredOption('--key <key>', 'the CallerKey: its name, or namespace/name')
    .requiredOption('--model <alias>', 'what the application sends as "model"')
    .option('--header <name=value>', 'a header of the request; may be repeated', header)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Secrets that are not among the files are taken to exist.

Examples:
  modelgate explain -f ./config --key shop --model chat
  modelgate explain -f ./config --key shop/shop --model team/fast --header x-tier=gold --json

Exit codes: 0 the request would be let through, 1 it would be refused, 2 the command line is wrong.`,
    )
    .action(async (options: ExplainOptions) => {
      const { explain } = await import('./explain/index.ts');
      await exitWith(explain(options));
    });
}

function addDiff(root: Command): void {
  root
    .command('diff')
    .description('what a change does to callers')
    .requiredOption('-f, --file <path...>', `before: ${FILES}`)
    .requiredOption('--against <path...>', 'after')
    .option('--exit-code', 'end with 1 when something that worked may be refused')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Secrets that are not among the files are taken to exist.

Examples:
  modelgate diff -f ./main --against ./branch --exit-code

Exit codes: 0 fine, 1 a breaking change (with --exit-code) or files that cannot be read, 2 the command line is wrong.`,
    )
    .action(async (options: DiffOptions) => {
      const { diff } = await import('./diff.ts');
      await exitWith(diff(options));
    });
}

async function exitWith(code: Promise<ExitCode>): Promise<void> {
  process.exitCode = await code;
}

function port(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (number <= 65_535) return number;
  throw new InvalidArgumentError('It has to be a number from 0 to 65535; 0 takes any free port.');
}

function trueOrFalse(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new InvalidArgumentError('It has to be true or false.');
}

function cidrs(text: string, before: readonly string[] = []): string[] {
  const ranges = text.split(',').map((range) => range.trim());
  if (ranges.every(isCIDR)) return [...before, ...ranges];
  throw new InvalidArgumentError('Write ranges like 10.0.0.0/8 or fd00::/8.');
}

function header(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, name, value] = /^([^=:\s]+)\s*[=:]\s*(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('Write it like x-tier=gold.');
  return { ...before, [name.toLowerCase()]: value! };
}
