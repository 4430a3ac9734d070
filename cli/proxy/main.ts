import { CommanderError } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { proxyCommand } from './command.ts';

// The data plane as a program of its own: nothing that only an operator or the command line needs is in its bundle.
try {
  await proxyCommand().exitOverride().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
