import { Command } from 'commander';
import { OperatorOptions } from '../../operator/options.ts';
import { addSchemaOptions } from '../schema-options.ts';

/** The command line of `modelgate operator`. */
export function operatorCommand(): Command {
  const command = new Command('operator')
    .description('compile the resources of a cluster for its proxies, and write statuses')
    .action(async (given: Record<string, unknown>) => {
      const { operator } = await import('./index.ts');
      // What is still open then, such as a connection kept for later, is no reason to stay.
      process.exit(await operator(given));
    });
  return addSchemaOptions(command, OperatorOptions).addHelpText(
    'after',
    `
In a pod nothing has to be said. Every flag is also an environment variable, MODELGATE_ADMIN_PORT for --admin-port.

Examples:
  modelgate operator
  modelgate operator --kubeconfig ~/.kube/config --namespace modelgate

Exit codes: 0 it was stopped, 1 it could not start or has crashed, 2 the command line is wrong.`,
  );
}
