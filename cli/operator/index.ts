import { setFlagsFromString } from 'node:v8';
import { startOperator, type Running } from '../../operator/main.ts';
import { OperatorOptions } from '../../operator/options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printError } from '../output.ts';
import { parseSchemaOptions } from '../schema-options.ts';
import { stopSignal } from '../serve/stop-signal.ts';

/** `modelgate operator`: the control plane, until a signal stops it. */
export async function operator(given: Readonly<Record<string, unknown>>): Promise<ExitCode> {
  const parsed = parseSchemaOptions(OperatorOptions, given);
  if ('mistakes' in parsed) {
    for (const mistake of parsed.mistakes) printError(mistake);
    return EXIT.usage;
  }
  // Every reconcile leaves much behind and keeps little: collected late, that is the larger part of the memory.
  setFlagsFromString('--heap-growing-percent=50');
  const stopped = stopSignal();
  const running = await start(parsed.options);
  if (running === undefined) return EXIT.problems;
  endOnCrash(running);
  running.log.info({ signal: await stopped }, 'stopping');
  await running.stop();
  return EXIT.ok;
}

async function start(options: OperatorOptions): Promise<Running | undefined> {
  try {
    return await startOperator(options, process.env);
  } catch (error) {
    printError(`modelgate operator: ${(error as Error).message}`);
    return undefined;
  }
}

/** A defect that nobody caught leaves the process in a state that nobody knows: another one shall lead. */
function endOnCrash({ log }: Running): void {
  const crashed = (error: unknown): void => {
    log.fatal({ err: error }, 'crashed');
    process.exit(1);
  };
  process.on('uncaughtException', crashed);
  process.on('unhandledRejection', crashed);
}
