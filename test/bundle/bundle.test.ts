import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Metafile } from 'esbuild';
import about from '../../package.json' with { type: 'json' };
import { atOnce, bundle, ENTRIES, filesIn, sourcesWith } from '../../scripts/bundle/bundle.ts';
import { modelgate } from '../cli/command.ts';
import { ask, serving } from '../cli/serving.ts';

let folder: string;
let metafile: Metafile;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelgate-bundle-'));
  metafile = await bundle(join(folder, 'dist'));
});
after(() => rm(folder, { recursive: true, force: true }));

const built = (file: string): string => join(folder, 'dist', file);

test('the same sources give the same bytes, wherever they are written', async () => {
  const elsewhere = join(folder, 'else', 'where');
  await bundle(elsewhere);
  const sums = (root: string) =>
    Object.fromEntries(
      filesIn(root).map((file) => [file, hash('sha256', readFileSync(join(root, file)), 'hex')]),
    );
  assert.deepEqual(sums(elsewhere), sums(join(folder, 'dist')));
});

test('the bundle runs without the sources and without node_modules', async () => {
  const options = { bin: built('modelgate.js'), cwd: folder };
  const version = await modelgate(['--version'], options);
  assert.deepEqual(version, { code: 0, stdout: `${about.version}\n`, stderr: '' });
  const examples = join(import.meta.dirname, '../../examples/tenants.yaml');
  const valid = await modelgate(['validate', '-f', examples, '--assume-secrets'], options);
  assert.equal(valid.code, 0, valid.stderr);
});

test('the bundle serves', async (t) => {
  const gateway = await serving(t, [], { bin: built('modelgate.js'), cwd: folder });
  const key = readFileSync(join(folder, '.modelgate/keys/default/local'), 'utf8').trim();
  assert.equal(await ask(gateway, key, 'mock/echo'), 200);
});

/** Of a package, or a folder of ours. */
const foreign = /node_modules\/@kubernetes\/|^operator\/|^core\/compile\//;

test('the proxy bundle has nothing in it that only the operator needs', () => {
  const sources = [...sourcesWith(ENTRIES.proxy, metafile)];
  assert.ok(sources.includes('proxy/gateway.ts'));
  assert.deepEqual(
    sources.filter((source) => foreign.test(source)),
    [],
  );
});

/** What `--help` says about the other command. */
const OPTIONS = 'operator/options.ts';

test('nor does `modelgate proxy` load any of it', () => {
  const sources = [
    ...sourcesWith(ENTRIES.modelgate, metafile, atOnce),
    ...sourcesWith('cli/program.ts', metafile, atOnce),
    ...sourcesWith('cli/proxy/index.ts', metafile),
  ];
  assert.ok(sources.includes('proxy/gateway.ts'));
  assert.deepEqual(
    sources.filter((source) => foreign.test(source) && source !== OPTIONS),
    [],
  );
});

test('the licence of every package in the bundles is with them', () => {
  const text = readFileSync(built('THIRD_PARTY_LICENCES.txt'), 'utf8');
  const named = new Set([...text.matchAll(/^(\S+) \S+, .*\n=+$/gm)].map((match) => match[1]));
  const packages = Object.values(ENTRIES)
    .flatMap((entry) => [...sourcesWith(entry, metafile)])
    .flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? []);
  assert.deepEqual(
    packages.filter((name) => !named.has(name)),
    [],
  );
  assert.match(text, /^fastify .*, MIT$/m);
});

test('the proxy bundle runs', async () => {
  const help = await modelgate(['--help'], { bin: built('proxy.js'), cwd: folder });
  assert.equal(help.code, 0);
  assert.match(help.stdout, /--cache-dir/);
});
