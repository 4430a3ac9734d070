import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { load } from './load.ts';
import { formatProblem } from './problem.ts';

const root = await mkdtemp(join(tmpdir(), 'modelgate-load-'));
after(() => rm(root, { recursive: true, force: true }));

let folders = 0;

/** A folder with these files, and what is loaded from it. */
async function loaded(files: Record<string, string>, environment: Record<string, string> = {}) {
  const folder = join(root, String(++folders));
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const result = await load([folder], { environment });
  const problems = result.problems.map((problem) => formatProblem(problem).replaceAll(`${folder}/`, ''));
  return { ...result, problems, folder };
}

const key = (name: string, more = ''): string => `
apiVersion: modelgate.dev/v1alpha1
kind: CallerKey
metadata: {name: ${name}}
spec: {sha256: ${'a'.repeat(64)}${more}}
`;

const names = (resources: readonly unknown[]) =>
  resources.map((resource) => (resource as { metadata: { name: string } }).metadata.name);

test('folders are read in depth: YAML and JSON, nothing hidden, nothing else', async () => {
  const { resources, problems } = await loaded({
    'b.yml': key('b'),
    'deep/er/a.yaml': key('a'),
    'c.json': JSON.stringify({
      apiVersion: 'modelgate.dev/v1alpha1',
      kind: 'CallerKey',
      metadata: { name: 'c' },
      spec: { sha256: 'b'.repeat(64) },
    }),
    '.hidden.yaml': ': not read',
    '.git/x.yaml': ': not read',
    'notes.md': ': not read',
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(names(resources), ['b', 'c', 'a']);
});

test('links are followed, as a ConfigMap volume has them, and not in circles', async () => {
  const { folder } = await loaded({ '..2026_01/a.yaml': key('a') });
  await symlink('..2026_01', join(folder, '..data'));
  await symlink('..data/a.yaml', join(folder, 'a.yaml'));
  await symlink('.', join(folder, 'loop'));
  const { resources, problems } = await load([folder], { environment: {} });
  assert.deepEqual([names(resources), problems], [['a'], []]);
});

test('lists are taken apart, other kinds passed over, and lines still known', async () => {
  const { resources, problems, foreign, where } = await loaded({
    'list.yaml': `
apiVersion: v1
kind: List
items:
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: x}
  - apiVersion: modelgate.dev/v1alpha1
    kind: CallerKey
    metadata: {name: a, namespace: shop}
    spec:
      sha256: ${'a'.repeat(64)}
      aliasses: [chat]
`,
  });
  assert.deepEqual([names(resources), foreign], [['a'], 1]);
  assert.deepEqual(problems, [
    'list.yaml:13: CallerKey/shop/a: spec.aliasses: unknown field "aliasses", did you mean "aliases"?',
  ]);
  assert.equal(where('CallerKey/shop/a', ['spec', 'sha256']).line, 12);
});

test('an object that is defined twice is a problem that names both places', async () => {
  const { resources, problems, folder } = await loaded({ 'a.yaml': key('x'), 'b.yaml': key('x') });
  assert.equal(resources.length, 1);
  assert.equal(problems.length, 1);
  assert.match(
    problems[0]!.replaceAll(folder, ''),
    /^b\.yaml:2: CallerKey\/default\/x: .*in a\.yaml:2: remove/,
  );
});

test('Secrets: variables in values only, plain text also under data, problems without values', async () => {
  const secret = (body: string) => `{apiVersion: v1, kind: Secret, metadata: {name: s}, ${body}}`;
  const good = await loaded(
    { 's.yaml': secret("data: {a: aGVsbG8=, b: '${B}'}, stringData: {c: 'x-${B}', d: '${D:-fallback}'}") },
    { B: 'from-env' },
  );
  assert.deepEqual(good.secrets['default/s'], { a: 'hello', b: 'from-env', c: 'x-from-env', d: 'fallback' });
  const bad = await loaded({ 's.yaml': secret("stringData: {a: '${NOPE}'}, data: {b: 'hunter2 !'}") });
  assert.deepEqual(bad.problems, [
    's.yaml:1: Secret/default/s: stringData.a: the environment variable NOPE is not set: set it, or write ${NOPE:-default}',
    's.yaml:1: Secret/default/s: data.b: must be base64: use stringData for plain text',
  ]);
  const elsewhere = await loaded({ 'k.yaml': key('a', ', attributes: {x: "${NOT_TOUCHED}"}') });
  assert.deepEqual(elsewhere.problems, []);
});

test('a file that is no YAML, a path that leads nowhere', async () => {
  const { problems, resources } = await loaded({ 'a.yaml': key('a'), 'b.yaml': 'a: [1' });
  assert.match(problems[0]!, /^b\.yaml:\d+: /);
  assert.equal(resources.length, 1);
  const { problems: missing } = await load([join(root, 'nowhere')], { environment: {} });
  assert.equal(missing[0]!.message, 'there is no such file or folder');
});

test('namespaces give their labels', async () => {
  const { namespaces } = await loaded({
    'n.yaml': '{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: a}}}',
  });
  assert.deepEqual(namespaces, { shop: { team: 'a' } });
});
