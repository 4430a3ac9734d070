import fc from 'fast-check';
import type { StructuralSchema } from '../../core/resources/crd.ts';

/**
 * Specs that are nearly right: one of `seeds`, with up to three of its values, given or missing, replaced by what the
 * schema allows, by what it just does not allow, or by something else altogether.
 */
export function nearlyRight(schema: StructuralSchema, seeds: readonly object[]): fc.Arbitrary<object> {
  const seed = fc.constantFrom(...seeds);
  const once = (spec: fc.Arbitrary<object>): fc.Arbitrary<object> =>
    spec.chain((value) => changedOnce(value, schema));
  return fc.oneof(
    { weight: 1, arbitrary: seed },
    { weight: 6, arbitrary: once(seed) },
    { weight: 3, arbitrary: once(once(seed)) },
    { weight: 1, arbitrary: once(once(once(seed))) },
    { weight: 1, arbitrary: ofSchema(schema) as fc.Arbitrary<object> },
  );
}

type Path = readonly (string | number)[];

/** A place in a spec where a value is or could be. */
interface Site {
  readonly path: Path;
  readonly schema: StructuralSchema;
}

function changedOnce(spec: object, schema: StructuralSchema): fc.Arbitrary<object> {
  return fc
    .constantFrom(...sites(spec, schema))
    .chain((site) =>
      fc
        .oneof(
          { weight: 2, arbitrary: fc.constant(undefined) },
          { weight: 8, arbitrary: ofSchema(site.schema) },
          { weight: 2, arbitrary: fc.constantFrom(...STRANGE) },
        )
        .map((value) => replaced(spec, site.path, value) as object),
    );
}

function sites(value: unknown, schema: StructuralSchema, path: Path = []): Site[] {
  const { properties, items, additionalProperties } = schema;
  const below = (key: string | number, child: StructuralSchema): Site[] => {
    const inner = (value as Record<string | number, unknown>)[key];
    return [{ path: [...path, key], schema: child }, ...sites(inner, child, [...path, key])];
  };
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value))
    return items ? [...value.keys(), value.length].flatMap((index) => below(index, items)) : [];
  const known = Object.entries(properties ?? {}).flatMap(([name, child]) => below(name, child));
  const entries = additionalProperties
    ? [...Object.keys(value), 'new-entry'].flatMap((key) => below(key, additionalProperties))
    : [];
  const unknown: Site[] = properties
    ? [{ path: [...path, 'nobodyKnowsThis'], schema: { type: 'string' } }]
    : [];
  return [...known, ...entries, ...unknown];
}

/** A copy with another value at a path; undefined takes out what is there. */
function replaced(value: unknown, [key, ...rest]: Path, to: unknown): unknown {
  if (key === undefined) return to;
  if (Array.isArray(value)) {
    const list: unknown[] = [...(value as unknown[])];
    const entry = replaced(list[key as number], rest, to);
    list.splice(key as number, 1, ...(entry === undefined ? [] : [entry]));
    return list;
  }
  const { [key]: old, ...others } = value as Record<string | number, unknown>;
  const member = replaced(old, rest, to);
  return member === undefined ? others : { ...others, [key]: member };
}

const STRANGE: readonly unknown[] = [null, true, 0, -1, 1.5, 1e12, '', 'x', 'true', [], {}, [null], { a: 1 }];

type Maker = (schema: StructuralSchema) => fc.Arbitrary<unknown>;

const MAKERS: Readonly<Record<string, Maker>> = {
  string: texts,
  integer: integers,
  boolean: () => fc.boolean(),
  array: lists,
  object: (schema) => (schema.additionalProperties ? maps(schema) : objects(schema)),
};

/** Values of a schema, and such as miss it by a little. */
function ofSchema(schema: StructuralSchema): fc.Arbitrary<unknown> {
  if (schema['enum'] !== undefined) return fc.constantFrom(...(schema['enum'] as unknown[]), 'Other');
  return MAKERS[schema.type ?? 'any JSON']?.(schema) ?? anyJson;
}

// Through JSON, as it will go: without -0.
const anyJson = fc.jsonValue({ maxDepth: 2 }).map((value): unknown => JSON.parse(JSON.stringify(value)));

function integers(schema: StructuralSchema): fc.Arbitrary<number> {
  const [least, most] = [Number(schema['minimum']), Number(schema['maximum'])];
  return fc.oneof(
    fc.constantFrom(least - 1, least, most, most + 1, least + 0.5),
    fc.integer({ min: least, max: most }),
  );
}

function lists({ items = {}, ...schema }: StructuralSchema): fc.Arbitrary<unknown[]> {
  const entry = ofSchema(items);
  const most = Number(schema['maxItems']);
  const copies = (count: number): fc.Arbitrary<unknown[]> =>
    entry.map((value) => Array(count).fill(value) as unknown[]);
  return fc.oneof(
    { weight: 6, arbitrary: fc.array(entry, { maxLength: 3 }) },
    { weight: 1, arbitrary: copies(2) },
    { weight: 1, arbitrary: fc.constantFrom(most, most + 1).chain(copies) },
  );
}

function maps({ additionalProperties = {}, ...schema }: StructuralSchema): fc.Arbitrary<object> {
  const most = Number(schema['maxProperties']);
  const value = ofSchema(additionalProperties);
  const many = (count: number): fc.Arbitrary<object> =>
    value.map((one) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, one])));
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.dictionary(fc.constantFrom('a', 'x-tier', 'team', 'a b', '', 'Host', 'é'), value, {
        maxKeys: 3,
      }),
    },
    { weight: 1, arbitrary: fc.constantFrom(most, most + 1).chain(many) },
  );
}

function objects({ properties = {}, required = [] }: StructuralSchema): fc.Arbitrary<object> {
  const members = Object.entries(properties).map(([name, child]) => {
    const odds = required.includes(name) ? 30 : 0.4;
    const nil = { weight: 10, arbitrary: fc.constant(undefined) };
    const given = { weight: Math.ceil(odds * 10), arbitrary: ofSchema(child) };
    return [name, fc.oneof(nil, given)] as const;
  });
  return fc.record(Object.fromEntries(members)).map((value) => JSON.parse(JSON.stringify(value)) as object);
}

function texts(schema: StructuralSchema): fc.Arbitrary<string> {
  const [least, most] = [Number(schema['minLength'] ?? 0), Number(schema['maxLength'] ?? 16)];
  const pattern = schema['pattern'] as string | undefined;
  const right = pattern === undefined ? fc.string({ minLength: 1, maxLength: 8 }) : matching(pattern);
  const lengths = fc.constantFrom(Math.max(0, least - 1), least, most, most + 1);
  return fc.oneof(
    { weight: 4, arbitrary: right },
    { weight: 2, arbitrary: fc.tuple(right, fc.nat(), fc.constantFrom(...ODD_CHARACTERS)).map(inserted) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom('a', '0', 'é', '😀'), lengths).map(([c, n]) => c.repeat(n)),
    },
    { weight: 3, arbitrary: fc.constantFrom(...edgesOf(pattern)) },
  );
}

const known = new Map<string, fc.Arbitrary<string>>();

function matching(pattern: string): fc.Arbitrary<string> {
  const arbitrary = known.get(pattern) ?? fc.stringMatching(new RegExp(pattern));
  known.set(pattern, arbitrary);
  return arbitrary;
}

const inserted = ([text, at, character]: [string, number, string]): string => {
  const position = at % (text.length + 1);
  return text.slice(0, position) + character + text.slice(position);
};

const ODD_CHARACTERS = [
  ' ',
  '\n',
  '\t',
  '\v',
  '\u00a0',
  '\u2028',
  '-',
  '.',
  '*',
  '/',
  '#',
  '@',
  '?',
  'A',
  'é',
  '😀',
  '0',
];

/** Texts at the borders of what the scalars of the API take, by what they nearly are. */
const EDGES: readonly (readonly string[])[] = [
  [
    'chat',
    '',
    ' ',
    'a',
    'A',
    'a.b',
    'a..b',
    '-a',
    'a-',
    'team/*',
    '*',
    'a*b',
    '**',
    'é',
    '😀',
    'a\nb',
    'a_b',
    '.a',
  ],
  [
    '0',
    '1',
    '1.0',
    '1.0000001',
    '-1',
    '-0',
    '1e3',
    '.5',
    '0.5',
    '01',
    '250.00',
    '0x10',
    'NaN',
    '1.',
    '+1',
    '10',
    '9',
  ],
  [
    '5s',
    '0s',
    '0ms',
    '0.0s',
    '1h30m',
    '.5s',
    '1.5h',
    '0.07m',
    '4200ms',
    '4.2s',
    '1.0005s',
    '1d',
    '-1s',
    '+1s',
    '0',
  ],
  [
    '24h',
    '1440m',
    '999999h',
    '999999h999999h999999h',
    '0.001ms',
    '1s1s',
    '1us',
    '36s',
    '0.6m',
    '1ms',
    '1h 1m',
  ],
  [
    '2562047h47m16854.775ms',
    '2562047h47m',
    '2562047h47m16.854s',
    '2562047h47m16.855s',
    '999999h999999h562049h',
  ],
  [
    'https://a/b',
    'http://a',
    'https://a/b?c=d',
    'https://a#b',
    'https://[::1/v1',
    'HTTPS://a',
    'https://',
    'a',
  ],
  [
    'https://a',
    'https://a b',
    'https://a\u00a0b',
    'https://a\vb',
    'https://a/\u2028',
    'https://é/v1',
    'https://u@h/',
  ],
  [
    '10.0.0.0/8',
    '10.0.0.0/33',
    '10.0.0.1',
    '010.0.0.0/8',
    '0.0.0.0/0',
    '10.0.0.0/08',
    '1.2.3/8',
    '10.0.0.0/',
  ],
  [
    '::/0',
    '2001:db8::/32',
    '::ffff:1.2.3.4/96',
    '::1/129',
    '1:2:3:4:5:6:7:8/128',
    '1::2::3/8',
    'fe80::1%eth0/64',
  ],
  ['2027-01-01T00:00:00Z', '2027-01-01t00:00:00z', '2027-01-01T00:00:00+02:00', '2027-01-01T00:00:00+0200'],
  [
    '2028-02-29T00:00:00Z',
    '2027-02-29T00:00:00Z',
    '2027-01-01T24:00:00Z',
    '2027-12-31T23:59:60Z',
    '2027-01-01',
  ],
  ['2027-01-01T00:00:00.123456789Z', '2027-01-01T00:00Z', '2027-01-01 00:00:00Z', '12027-01-01T00:00:00Z'],
  ['2027-01-01T00:00:00-00:00', '2027-01-01T00:00:00', '2027-04-31T00:00:00Z', '2027-01-01T00:00:00+24:00'],
  [
    'Caller',
    'Header:x',
    'Header:',
    'Attribute:costCenter',
    'Attribute:ä',
    'caller',
    'Alias ',
    'Attribute:a b',
  ],
  ['a'.repeat(64), 'a'.repeat(63), 'A'.repeat(64), '9f86d0', 'g'.repeat(64)],
  [
    'x-tier',
    'Authorization',
    'authorization',
    'X-API-KEY',
    'x-api-key',
    'host',
    'ÅUTHORIZATION',
    '\u212aey',
    'a b',
  ],
];

/** The edges of what a pattern is for; all of them when there is none. */
function edgesOf(pattern: string | undefined): string[] {
  const wanted = new RegExp(pattern ?? '');
  return EDGES.filter((group) => group.some((text) => wanted.test(text))).flat();
}
