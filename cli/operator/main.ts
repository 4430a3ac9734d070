import { CommanderError } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { operatorCommand } from './command.ts';

// The control plane as a program of its own.
try {
  await operatorCommand().exitOverride().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
