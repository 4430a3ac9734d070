import { Option, type Command } from 'commander';
import type * as z from 'zod';

/**
 * Gives a command one flag and one environment variable for every member of a schema, with its description and
 * default: `adminPort` is `--admin-port` and `MODELGATE_ADMIN_PORT`.
 */
export function addSchemaOptions(command: Command, schema: z.ZodObject): Command {
  for (const [name, member] of Object.entries(schema.shape) as [string, z.ZodType][]) {
    command.addOption(
      new Option(`${flagOf(name)} <${placeholder(name)}>`, describe(member)).env(variableOf(name)),
    );
  }
  return command;
}

/** What a command was given, or the sentences that tell what is wrong with it. A variable may be empty: that is unset. */
export function parseSchemaOptions<T extends z.ZodObject>(
  schema: T,
  given: Readonly<Record<string, unknown>>,
): { options: z.infer<T> } | { mistakes: readonly string[] } {
  const set = Object.entries(given).filter(([, value]) => value !== '');
  const parsed = schema.safeParse(Object.fromEntries(set));
  if (parsed.success) return { options: parsed.data };
  return {
    mistakes: parsed.error.issues.map(({ path, message }) => `${flagOf(String(path[0]))}: ${message}`),
  };
}

function flagOf(name: string): string {
  return `--${words(name, '-').toLowerCase()}`;
}

function variableOf(name: string): string {
  return `MODELGATE_${words(name, '_').toUpperCase()}`;
}

/** @example placeholder('adminPort') // 'port' */
function placeholder(name: string): string {
  return words(name, ' ').split(' ').at(-1)!.toLowerCase();
}

function words(name: string, between: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => between + letter);
}

function describe(member: z.ZodType): string {
  const { defaultValue } = member.def as { defaultValue?: string | number };
  const text = member.description ?? '';
  return defaultValue === undefined ? text : `${text} (default: ${defaultValue})`;
}
