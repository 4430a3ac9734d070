import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** The licences of all packages that are in the bundles, as most of them ask whoever passes them on. */
export function licences(root: string, { inputs }: Metafile): string {
  const folders = Object.keys(inputs).flatMap((input) => packageFolder(input) ?? []);
  return [...new Set(folders)]
    .toSorted()
    .map((folder) => licence(join(root, folder)))
    .join('\n');
}

/** @example packageFolder('node_modules/a/node_modules/@b/c/lib/d.js') // 'node_modules/a/node_modules/@b/c' */
function packageFolder(input: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
}

function licence(folder: string): string {
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const files = globSync('{LICENSE,LICENCE,license,licence,NOTICE}*', { cwd: folder }).toSorted();
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  const title = `${about.name} ${about.version}, ${about.license ?? 'see below'}`;
  return [title, '='.repeat(title.length), ...texts, ''].join('\n');
}
