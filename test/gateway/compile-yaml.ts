import { readDocuments } from '../../cli/yaml/document.ts';
import { compile, type Input, type Status } from '../../core/compile/index.ts';
import type { Config } from '../../core/config/config.ts';
import { isCoreV1, parseNamespace, parseSecret } from '../../core/resources/core-v1.ts';

export interface Compiled {
  config: Config;
  statuses: Status[];
}

/**
 * Compiles resources, Secrets and Namespaces, written one after the other. Statuses are as of 2026.
 * @param more what YAML does not say
 */
export function compileYaml(yaml: string, more: Partial<Input> = {}): Compiled {
  const read = readDocuments(yaml);
  if (!read.ok) throw new Error(`line ${read.position.line}: ${read.message}`);
  const values = read.documents.map(({ value }) => value).filter((value) => value !== null);
  const core = values.filter(isCoreV1);
  const secrets = core
    .filter(({ kind }) => kind === 'Secret')
    .map((value) => need(parseSecret(value, strict)));
  const namespaces = core
    .filter(({ kind }) => kind === 'Namespace')
    .map((value) => need(parseNamespace(value, strict)));
  return compile({
    resources: values.filter((value) => !isCoreV1(value)),
    secrets: Object.fromEntries(
      secrets.map(({ metadata, data }) => [`${metadata.namespace}/${metadata.name}`, data]),
    ),
    namespaces: Object.fromEntries(namespaces.map(({ metadata }) => [metadata.name, metadata.labels ?? {}])),
    // Providers of tests are on this machine.
    egress: { allowPrivate: true },
    now: Date.UTC(2026, 0, 1),
    ...more,
  });
}

const strict = { strict: true };

/** The configuration; every resource in it must be in order. */
export function configOf(yaml: string): Config {
  const { config, statuses } = compileYaml(yaml);
  const wrong = statuses.flatMap(({ kind, namespace, name, conditions }) =>
    conditions
      .filter(({ status }) => status === 'False')
      .map(({ reason, message }) => `${kind} ${namespace}/${name}: ${reason}: ${message}`),
  );
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return config;
}

function need<T>(
  parsed: { ok: true; resource: T } | { ok: false; problems: readonly { message: string }[] },
): T {
  if (parsed.ok) return parsed.resource;
  throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
}
