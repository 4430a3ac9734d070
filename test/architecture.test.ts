import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { PROVIDERS } from '../core/providers/index.ts';
import { STRATEGIES } from '../core/strategies/index.ts';

const ROOT = join(import.meta.dirname, '..');

interface Source {
  file: string;
  text: string;
  /** Files of ours, relative to the root; packages by their name. */
  imports: string[];
}

const sources: Source[] = globSync('{core,operator,proxy,cli}/**/*.ts', { cwd: ROOT })
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const specifiers = [...text.matchAll(/(?:\sfrom |^import |import\()'([^']+)'/gm)].map(
      (match) => match[1]!,
    );
    const imports = specifiers.map((s) => (s.startsWith('.') ? normalize(join(dirname(file), s)) : s));
    return { file, text, imports };
  });

/** Folder → what it may import; the longest folder that holds a file counts. Its own files are always allowed. */
const RULES: Record<string, readonly string[]> = {
  'core/errors.ts': [],
  'core/chat': [],
  'core/json': [],
  'core/sse': [],
  'core/config': ['zod', 'node:crypto'],
  // Packing is computing: no file and no socket is touched.
  'core/publish': ['core/config', 'zod', 'node:crypto', 'node:zlib'],
  'core/access': ['core/config'],
  'core/net': ['ipaddr.js'],
  'core/cache': ['core/config', 'core/dialects', 'core/json', 'node:crypto'],
  'core/policy': ['core/config'],
  'core/parameters': ['core/config', 'core/json'],
  'core/strategies': [],
  'core/dialects': ['core/chat', 'core/errors.ts', 'core/json', 'core/sse'],
  'core/providers': ['core/chat', 'core/dialects', 'core/errors.ts', 'core/json', 'node:crypto', 'zod'],
  'core/resources': ['core/providers', 'core/strategies', 'zod', 'fastest-levenshtein', 'js-yaml'],
  'core/compile': [
    'core/resources',
    'core/config',
    'core/access',
    'core/net',
    'core/providers',
    'core/strategies',
    'node:crypto',
    'zod',
  ],
  'core/explain': [
    'core/access',
    'core/config',
    'core/policy',
    'core/errors.ts',
    'core/strategies',
    'fastest-levenshtein',
  ],
  'core/diff': ['core/access', 'core/config', 'core/policy'],
  operator: [
    'core/compile',
    'core/config',
    'core/net',
    'core/publish',
    'core/resources',
    '@kubernetes/client-node',
    'pino',
    'prom-client',
    'undici',
    'zod',
    'node:',
  ],
  proxy: [
    'core/access',
    'core/cache',
    'core/chat',
    'core/config',
    'core/dialects',
    'core/errors.ts',
    'core/explain',
    'core/json',
    'core/net',
    'core/parameters',
    'core/policy',
    'core/providers',
    'core/publish',
    'core/sse',
    'core/strategies',
    'fastify',
    'jose',
    'pino',
    'prom-client',
    'undici',
    'zod',
    'node:',
  ],
};

const under = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

test('folders import only what the dependency rule lets them', () => {
  const broken = sources.flatMap(({ file, imports }) => {
    const home = Object.keys(RULES)
      .filter((folder) => under(file, folder))
      .toSorted((a, b) => b.length - a.length)[0];
    if (home === undefined) return [];
    const allowed = [home, ...RULES[home]!];
    const outside = imports.filter(
      (i) => !allowed.some((a) => (a.endsWith(':') ? i.startsWith(a) : under(i, a))),
    );
    return outside.map((i) => `${file} imports ${i}`);
  });
  assert.deepEqual(broken, []);
  const homeless = sources.filter(
    ({ file }) => file.startsWith('core/') && !Object.keys(RULES).some((f) => under(file, f)),
  );
  assert.deepEqual(
    homeless.map(({ file }) => file),
    [],
    'every folder of core has a rule',
  );
});

test('no provider, strategy or dialect imports its sibling', () => {
  const broken = sources.flatMap(({ file, imports }) => {
    const [, registry, own] = /^(core\/(?:providers|dialects|strategies))\/([^/]+)\//.exec(file) ?? [];
    if (registry === undefined) return [];
    const siblings = imports.filter(
      (i) => i.startsWith(`${registry}/`) && i.split('/').length > 3 && !under(i, `${registry}/${own}`),
    );
    return siblings.map((i) => `${file} imports ${i}`);
  });
  assert.deepEqual(broken, []);
});

test('outside their registries, providers and strategies are not named', () => {
  const names = [...Object.keys(PROVIDERS), ...Object.keys(STRATEGIES)];
  const allowed = ['core/providers', 'core/strategies', 'core/resources', 'cli/serve'];
  const named = sources
    .filter(({ file }) => !allowed.some((folder) => under(file, folder)))
    .flatMap(({ file, text }) =>
      names.filter((name) => text.includes(`'${name}'`)).map((name) => `${file}: ${name}`),
    );
  assert.deepEqual(named, []);
});

test('no imports go round in a circle between folders', () => {
  // A folder of core with folders inside is one module; elsewhere every folder is.
  const folder = (path: string): string =>
    path.startsWith('core/') ? path.split('/').slice(0, 2).join('/') : dirname(path);
  const edges = new Map<string, Set<string>>();
  for (const { file, imports } of sources.filter((source) => /^(core|proxy)\//.test(source.file))) {
    const from = folder(file);
    for (const i of imports.filter((path) => /^(core|proxy)\//.test(path) && folder(path) !== from)) {
      edges.set(from, (edges.get(from) ?? new Set()).add(folder(i)));
    }
  }
  const reaches = (from: string, goal: string, seen = new Set<string>()): boolean =>
    [...(edges.get(from) ?? [])].some(
      (next) => next === goal || (!seen.has(next) && reaches(next, goal, seen.add(next))),
    );
  assert.deepEqual(
    [...edges.keys()].filter((from) => reaches(from, from)),
    [],
  );
});
