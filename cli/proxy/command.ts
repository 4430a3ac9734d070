import { Command } from 'commander';
import { addSchemaOptions } from '../schema-options.ts';
import { ProxyOptions } from './options.ts';

/** The command line of `modelgate proxy`. */
export function proxyCommand(): Command {
  const command = new Command('proxy')
    .description('serve what the operator publishes in a cluster')
    .action(async (given: Record<string, unknown>) => {
      const { proxy } = await import('./index.ts');
      // What is still open then, such as a connection kept for later, is no reason to stay.
      process.exit(await proxy(given));
    });
  return addSchemaOptions(command, ProxyOptions).addHelpText(
    'after',
    `
In a pod nothing has to be said. Every flag is also an environment variable, MODELGATE_PORT for --port.

Examples:
  modelgate proxy
  modelgate proxy --api-server https://127.0.0.1:6443 --ca-file ca.crt --token-file token --namespace modelgate
  modelgate proxy --config-file config.json

Exit codes: 0 it was stopped, 1 it could not start or has crashed, 2 the command line is wrong.`,
  );
}
