import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, extname, join, normalize } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Problem } from './problem.ts';

export interface SourceFile {
  /** As the user would name it. */
  file: string;
  text: string;
}

const EXTENSIONS = ['.yaml', '.yml', '.json'];

/** The name of standard input among the paths, and in messages. */
export const STDIN = '-';

/** Whether a file or folder inside a folder counts. Hidden ones do not: editors and ConfigMap volumes use them. */
export function isHidden(path: string): boolean {
  return basename(path).startsWith('.');
}

/**
 * The files behind the paths: a file whatever it is called, of a folder every YAML and JSON file below it.
 * Symbolic links are followed, as a ConfigMap volume is made of them.
 */
export async function readFiles(
  paths: readonly string[],
): Promise<{ files: SourceFile[]; problems: Problem[] }> {
  const files = new Map<string, SourceFile>();
  const problems: Problem[] = [];
  for (const path of paths) {
    try {
      for (const file of await expand(path)) files.set(file, { file: titleOf(file), text: await read(file) });
    } catch (error) {
      problems.push({ file: path, message: reasonOf(error) });
    }
  }
  return { files: [...files.values()], problems };
}

async function read(file: string): Promise<string> {
  return file === STDIN ? text(process.stdin) : readFile(file, 'utf8');
}

/** As messages call it. */
function titleOf(file: string): string {
  return file === STDIN ? 'stdin' : file;
}

async function expand(path: string): Promise<string[]> {
  if (path === STDIN) return [path];
  return (await stat(path)).isDirectory() ? list(path, new Set()) : [normalize(path)];
}

async function list(folder: string, visited: Set<string>): Promise<string[]> {
  const real = await realpath(folder);
  if (visited.has(real)) return [];
  visited.add(real);
  const found: string[] = [];
  for (const name of (await readdir(folder)).toSorted()) {
    const path = join(folder, name);
    if (isHidden(name)) continue;
    // A file may go between listing and looking: editors do that while they save.
    const is = await stat(path).catch(() => undefined);
    if (is?.isDirectory()) found.push(...(await list(path, visited)));
    else if (is?.isFile() && EXTENSIONS.includes(extname(name))) found.push(path);
  }
  return found;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EACCES') return 'it may not be read: check its permissions';
  return message;
}
