import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { load } from 'js-yaml';
import * as z from 'zod';
import { Config } from '../../core/config/config.ts';
import { compileYaml, type Compiled } from '../gateway/compile-yaml.ts';

const Table = z.record(z.string(), z.string());

/** What the first document of an example says about the configuration that the others come to. */
const Header = z.strictObject({
  config: z.record(z.string(), z.unknown()).optional().describe('what stands there, among other things'),
  grants: z.record(z.string(), Table).optional().describe('caller → model name or pattern → alias'),
  visible: z.record(z.string(), Table).optional().describe('the same for namespaces'),
  tables: z.int().optional().describe('number of different access tables, those of namespaces included'),
  ready: z.record(z.string(), z.string()).optional().describe('caller → why it is refused'),
});

const FOLDER = join(import.meta.dirname, 'valid');

describe('what is right is served as written', () => {
  for (const file of readdirSync(FOLDER)) {
    test(file, () => {
      const [header, resources] = readFileSync(join(FOLDER, file), 'utf8').split(/^---\n([^]*)/m);
      const wanted = Header.parse(load(header!));
      const compiled = compileYaml(resources!);
      assert.deepEqual(compiled.config, Config.parse(compiled.config), 'it keeps the contract');
      assert.deepEqual(withoutReady(compiled), []);
      if (wanted.config) assert.deepEqual(likeIn(compiled.config, wanted.config), wanted.config);
      assertAccess(compiled.config, wanted);
      assert.deepEqual(readiness(compiled), wanted.ready ?? {});
    });
  }
});

/** As much of a value as the other one speaks of; lists are spoken of as a whole. */
function likeIn(value: unknown, spoken: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(spoken) && value.length === spoken.length)
    return value.map((item, i) => likeIn(item, spoken[i]));
  if (!isMap(value) || !isMap(spoken) || Object.keys(spoken).length === 0) return value;
  return Object.fromEntries(Object.keys(spoken).map((key) => [key, likeIn(value[key], spoken[key])]));
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function assertAccess(config: Config, { grants, visible, tables }: z.output<typeof Header>): void {
  for (const [id, table] of Object.entries(grants ?? {}))
    assert.deepEqual(tableOf(config, config.callers[id]?.access), table, id);
  for (const [namespace, table] of Object.entries(visible ?? {}))
    assert.deepEqual(tableOf(config, config.namespaces[namespace]?.visible), table, namespace);
  if (tables !== undefined) assert.equal(Object.keys(config.access).length, tables);
}

function tableOf(config: Config, key: string | undefined): Record<string, string> | undefined {
  const grants = config.access[key ?? ''];
  return grants && Object.fromEntries(grants.map(({ match, alias }) => [match, alias]));
}

function withoutReady({ statuses }: Compiled): string[] {
  return statuses.flatMap(({ kind, name, conditions }) =>
    conditions
      .filter(({ type, status }) => type !== 'Ready' && status !== 'True')
      .map(({ message }) => `${kind} ${name}: ${message}`),
  );
}

function readiness({ statuses }: Compiled): Record<string, string> {
  const refused = statuses.flatMap(({ namespace, name, conditions }) =>
    conditions.filter(({ type }) => type === 'Ready').map(({ reason }) => [`${namespace}/${name}`, reason]),
  );
  return Object.fromEntries(refused) as Record<string, string>;
}
