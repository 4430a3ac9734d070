import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { licences } from './licences.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Bundle → where it begins. `modelgate` is the whole command line, whose commands come in when they run; `proxy` is
 * that one command, and has nothing in it that only the operator needs.
 */
export const ENTRIES = { modelgate: 'cli/main.ts', proxy: 'cli/proxy/main.ts' } as const satisfies Entries;

type Entries = Readonly<Record<string, string>>;

/** CommonJS packages ask for Node's modules with `require`, which a module does not have by itself. */
const REQUIRE = `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);`;

/**
 * Makes `outdir` anew: one file for each entry, the chunks they load, and the licences of what is in them. The same
 * sources give the same bytes. Names are kept, so that a stack trace can be read.
 *
 * @returns esbuild's account of which source went into which file
 */
export async function bundle(outdir: string, entries: Entries = ENTRIES): Promise<Metafile> {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { ...entries },
    outdir,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node26',
    minifySyntax: true,
    legalComments: 'none',
    banner: { js: REQUIRE },
    metafile: true,
    logLevel: 'warning',
  });
  // Without it Node would read every file twice to find out that it is a module.
  writeFileSync(join(outdir, 'package.json'), '{"type": "module"}\n');
  writeFileSync(join(outdir, 'THIRD_PARTY_LICENCES.txt'), licences(ROOT, metafile));
  return metafile;
}

type Import = Metafile['outputs'][string]['imports'][number];

/** Which imports to follow: those without which an output cannot run, or also what it may load later. */
export const atOnce = ({ kind }: Import): boolean => kind === 'import-statement';
export const everLoaded = (): boolean => true;

/**
 * The sources, relative to the repository, that come with one of them: itself, and what is imported from there.
 *
 * @param source a source that an output begins with
 */
export function sourcesWith(
  source: string,
  { outputs }: Metafile,
  follows: (one: Import) => boolean = everLoaded,
): ReadonlySet<string> {
  const [first] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === source) ?? [];
  if (first === undefined) throw new Error(`no output begins with ${source}`);
  const reached = new Set([first]);
  for (const path of reached) {
    const next = outputs[path]!.imports.filter((one) => one.external !== true && follows(one));
    for (const one of next) reached.add(one.path);
  }
  return new Set([...reached].flatMap((path) => Object.keys(outputs[path]!.inputs)));
}

/** What a folder of bundles holds, by path from the folder. */
export function filesIn(outdir: string): readonly string[] {
  return globSync('**/*.{js,json,txt}', { cwd: outdir }).toSorted();
}
