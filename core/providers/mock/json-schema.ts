type Schema = Record<string, unknown>;

interface Place {
  root: Schema;
  /** Name of the property that the value is for. */
  name: string;
  depth: number;
  /** What a free text may say. */
  text: string;
}

/** Below this, optional properties are left out: a schema may contain itself. */
const DEPTH_OF_OPTIONALS = 4;
const MAX_DEPTH = 32;

/** A plausible value that a JSON schema accepts; `text` is put where it allows any text. */
export function exampleOf(schema: Schema, text: string): unknown {
  return valueOf(schema, { root: schema, name: '', depth: 0, text });
}

function valueOf(schema: unknown, place: Place): unknown {
  if (!isSchema(schema)) return place.text;
  if (place.depth > MAX_DEPTH) return null;
  const resolved = resolve(schema, place.root);
  const given = givenValue(resolved);
  if (given !== undefined) return given;
  const variant = variantOf(resolved, place);
  if (variant) return valueOf(variant, { ...place, depth: place.depth + 1 });
  return BY_TYPE[typeOf(resolved)]?.(resolved, place) ?? null;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Follows `#/$defs/…`, and puts the parts of `allOf` together. */
function resolve(schema: Schema, root: Schema): Schema {
  const { $ref, allOf, ...own } = schema;
  const target = typeof $ref === 'string' ? lookUp(root, $ref) : {};
  const parts = list(allOf).filter(isSchema);
  return parts.reduce<Schema>(merge, merge(target, own));
}

function lookUp(root: Schema, ref: string): Schema {
  const path = ref.replace(/^#\/?/, '').split('/').filter(Boolean);
  const found = path.reduce<unknown>((at, step) => (isSchema(at) ? at[step] : undefined), root);
  return isSchema(found) ? found : {};
}

function merge(a: Schema, b: Schema): Schema {
  return {
    ...a,
    ...b,
    ...(isSchema(a['properties']) && { properties: { ...a['properties'], ...(b['properties'] as object) } }),
    ...(Array.isArray(a['required']) && { required: [...a['required'], ...list(b['required'])] }),
  };
}

function givenValue(schema: Schema): unknown {
  if ('const' in schema) return schema['const'];
  return list(schema['enum'])[0] ?? schema['default'] ?? list(schema['examples'])[0];
}

/** The first of `anyOf` or `oneOf`; deep inside, one that ends the recursion if there is any. */
function variantOf(schema: Schema, { depth }: Place): Schema | undefined {
  const variants = [...list(schema['anyOf']), ...list(schema['oneOf'])].filter(isSchema);
  const flat = variants.find((variant) => variant['type'] === 'null');
  const chosen = (depth >= DEPTH_OF_OPTIONALS ? flat : undefined) ?? variants[0];
  if (!chosen) return undefined;
  const { anyOf: _anyOf, oneOf: _oneOf, ...rest } = schema;
  return merge(rest, chosen);
}

function typeOf(schema: Schema): string {
  const [type] = [schema['type']].flat();
  if (typeof type === 'string') return type;
  return 'properties' in schema ? 'object' : 'items' in schema ? 'array' : 'string';
}

const BY_TYPE: Record<string, (schema: Schema, place: Place) => unknown> = {
  object,
  array,
  string,
  number: (schema) => number(schema, 1.5),
  integer: (schema) => number(schema, 1),
  boolean: () => true,
};

function object(schema: Schema, place: Place): Schema {
  const required = list(schema['required']);
  const properties = isSchema(schema['properties']) ? Object.entries(schema['properties']) : [];
  const wanted = properties.filter(([name]) => place.depth < DEPTH_OF_OPTIONALS || required.includes(name));
  return Object.fromEntries(
    wanted.map(([name, property]) => [name, valueOf(property, { ...place, name, depth: place.depth + 1 })]),
  );
}

function array({ items = {}, minItems }: Schema, place: Place): unknown[] {
  const atLeast = typeof minItems === 'number' ? minItems : 0;
  const length = Math.max(atLeast, place.depth < DEPTH_OF_OPTIONALS ? 1 : 0);
  const item = valueOf(items, { ...place, depth: place.depth + 1 });
  return Array.from({ length }, () => item);
}

const FORMATS: Record<string, string> = {
  'date-time': '2025-01-01T12:00:00Z',
  date: '2025-01-01',
  time: '12:00:00Z',
  duration: 'PT1H',
  email: 'ada@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

const NAMES: Record<string, string> = {
  city: 'Paris',
  location: 'Paris',
  country: 'France',
  currency: 'EUR',
  language: 'en',
  date: '2025-01-01',
  email: 'ada@example.com',
  url: 'https://example.com/',
  name: 'Ada',
};

function string({ format, minLength, maxLength }: Schema, { name, text }: Place): string {
  const plausible = FORMATS[String(format)] ?? NAMES[name.toLowerCase()] ?? text;
  const padded = typeof minLength === 'number' ? plausible.padEnd(minLength, '.') : plausible;
  return typeof maxLength === 'number' ? padded.slice(0, maxLength) : padded;
}

function number(schema: Schema, step: number): number {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const least = largest(minimum, typeof exclusiveMinimum === 'number' ? exclusiveMinimum + step : undefined);
  const most = -largest(negative(maximum), negative(exclusiveMaximum, -step));
  const value = Math.min(Math.max(step, least), most);
  return typeof multipleOf === 'number' ? Math.ceil(value / multipleOf) * multipleOf : value;
}

function largest(...bounds: unknown[]): number {
  return Math.max(...bounds.filter((bound) => typeof bound === 'number'), -Infinity);
}

function negative(bound: unknown, plus = 0): number | undefined {
  return typeof bound === 'number' ? -(bound + plus) : undefined;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
