import { readFileSync } from 'node:fs';
import { CONDITIONS, REASONS } from '../../core/resources/conditions.ts';
import { type StructuralSchema, structuralSchema } from '../../core/resources/crd.ts';
import { instant } from '../../core/resources/scalars.ts';
import { API_VERSION, CATEGORIES, type KindDefinition, KINDS } from '../../core/resources/kinds.ts';

const head = (example: string): string => `# Resources

Four kinds in \`${API_VERSION}\`, all namespaced. \`kubectl get ${CATEGORIES[0]} -A\` lists them all, \`kubectl explain\` shows what stands here.
\`modelgate validate -f FILE\` checks files without a cluster.

This page is made from the schemas in \`core/resources\` by \`npm run generate\`.

\`\`\`yaml
${example.trimEnd()}
\`\`\`

How to read the tables: \`[]\` is an entry of a list, \`.*\` a value of a map; **bold** fields are required where the
object around them is present. Durations are written \`30s\`, \`1m30s\`, \`720h\`; money and fractions are decimal
strings. Nothing is defaulted in the cluster: a field that is left out stays out, and the default named here applies.
`;

/** docs/resources.md */
export function resourcesPage(): string {
  const example = readFileSync(new URL('resources-example.yaml', import.meta.url), 'utf8');
  return [head(example), ...KINDS.map(kindSection), statusSection()].join('\n');
}

function kindSection({ kind, shortName, description, spec, status }: KindDefinition): string {
  const schema = structuralSchema(spec);
  const rules = rulesIn(schema, 'spec').map(({ path, message }) => `* \`${path}\`: ${message}`);
  return `## ${kind} (\`${shortName}\`)

${description}

${schema.description}

${table(fieldsOf(schema, 'spec'))}

What must hold across fields:

${rules.length === 0 ? 'nothing further.' : rules.join('\n')}

Status:

${table(fieldsOf(structuralSchema(status), 'status'))}
`;
}

interface Field {
  readonly path: string;
  readonly required: boolean;
  readonly schema: StructuralSchema;
}

/** Every field below a schema, parents first. */
function fieldsOf(schema: StructuralSchema, path: string): Field[] {
  return children(schema, path).flatMap((field) => [field, ...fieldsOf(field.schema, field.path)]);
}

function children(
  { properties = {}, additionalProperties, items, required = [] }: StructuralSchema,
  path: string,
) {
  const members = Object.entries(properties).map(([name, schema]): Field => {
    return { path: `${path}.${name}`, required: required.includes(name), schema };
  });
  if (additionalProperties)
    members.push({ path: `${path}.*`, required: false, schema: additionalProperties });
  if (items) members.push({ path: `${path}[]`, required: false, schema: items });
  return members;
}

function rulesIn(schema: StructuralSchema, path: string): { path: string; message: string }[] {
  const own = (schema['x-kubernetes-validations'] ?? []) as readonly {
    message: string;
    fieldPath?: string;
  }[];
  // Rules of single strings are said in the descriptions already.
  const here = schema.type === 'string' ? [] : own.map(({ message }) => ({ path, message }));
  return [...here, ...children(schema, path).flatMap((field) => rulesIn(field.schema, field.path))];
}

function table(fields: readonly Field[]): string {
  const rows = fields
    .filter(({ schema }) => schema.description !== undefined)
    .map(({ path, required, schema }) => {
      const name = required ? `**\`${path}\`**` : `\`${path}\``;
      return `| ${name} | ${typeOf(schema)} | ${cell(schema.description ?? '')} |`;
    });
  return ['| field | type | meaning |', '|---|---|---|', ...rows].join('\n');
}

const cell = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*');

const INSTANT = structuralSchema(instant())['pattern'];

function typeOf(schema: StructuralSchema): string {
  const words = schema['enum'] as readonly unknown[] | undefined;
  if (words) return words.map((word) => `\`${String(word)}\``).join(', ');
  if (schema.type === 'integer') return `integer ${range(schema['minimum'], schema['maximum'])}`;
  if (schema.type === 'array') return `list ${range(schema['minItems'] ?? 0, schema['maxItems'])}`;
  if (schema.additionalProperties) return `map ${range(0, schema['maxProperties'])}`;
  if (schema['pattern'] === INSTANT) return 'instant';
  return schema.type ?? 'any JSON';
}

const range = (from: unknown, to: unknown): string => `${String(from)}–${String(to)}`;

function statusSection(): string {
  const conditions = Object.entries(CONDITIONS).map(([type, text]) => `| \`${type}\` | ${text} |`);
  const reasons = Object.entries(REASONS).map(
    ([reason, { on, status, when }]) => `| \`${reason}\` | ${on.join(', ')} | ${status} | ${when} |`,
  );
  return `## Conditions and reasons

| condition | when it is True |
|---|---|
${conditions.join('\n')}

Reasons are a closed list: scripts and alerts may match on them. \`Ready\` and \`Stalled\` repeat the reason of the
condition that they follow from.

| reason | on | status | when |
|---|---|---|---|
${reasons.join('\n')}
`;
}
