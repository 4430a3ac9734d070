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
const ENTRIES = { modelgate: 'cli/main.ts' };

/** CommonJS packages ask for Node's modules with `require`, which a module does not have by itself. */
const REQUIRE = `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);`;

/**
 * Makes `outdir` anew: one file for each entry, the chunks they load, and the licences of what is in them. The same
 * sources give the same bytes. Names are kept, so that a stack trace can be read.
 *
 * @returns esbuild's account of which source went into which file
 */
export async function bundle(outdir: string): Promise<Metafile> {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ENTRIES,
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

/** The sources, relative to the repository, that are in an entry or in anything that it may load later. */
export function sourcesOf(entry: keyof typeof ENTRIES, { outputs }: Metafile): ReadonlySet<string> {
  const [first] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === ENTRIES[entry]) ?? [];
  if (first === undefined) throw new Error(`no bundle begins with ${ENTRIES[entry]}`);
  const reached = new Set([first]);
  for (const path of reached) {
    for (const { path: next, external } of outputs[path]!.imports) if (external !== true) reached.add(next);
  }
  return new Set([...reached].flatMap((path) => Object.keys(outputs[path]!.inputs)));
}

/** What a folder of bundles holds, by path from the folder. */
export function filesIn(outdir: string): readonly string[] {
  return globSync('**/*.{js,json,txt}', { cwd: outdir }).toSorted();
}
