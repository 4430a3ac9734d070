import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { goCommand } from './go.ts';
import { withLock } from './lock.ts';

/** Programs that are built together from one pinned Go module: a folder of `../go`. */
export interface GoModule {
  readonly name: string;
  /** Import path of the main package, by the name of the binary. */
  readonly programs: Readonly<Record<string, string>>;
  /** Go variables to set at link time, which is how programs learn their version. */
  readonly variables: Readonly<Record<string, string>>;
}

const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'modelgate-test');

/** Builds the module unless its binaries are in the cache; returns the folder that holds them. */
export async function build(module: GoModule): Promise<string> {
  const folder = join(cache, `${module.name}-${fingerprint(module)}`);
  if (existsSync(folder)) return folder;
  const say = (line: string): void => void process.stderr.write(`test cluster: ${line}\n`);
  const compileOnce = async (): Promise<void> => {
    if (!existsSync(folder)) await compileInto(folder, module, say);
  };
  const wait = onEvery(30_000, () => say(`waiting for another process that builds ${module.name}`));
  await withLock(`${folder}.lock`, compileOnce, wait);
  return folder;
}

/** Changes with whatever changes the binaries. */
function fingerprint({ name, ...recipe }: GoModule): string {
  const hash = createHash('sha256').update(JSON.stringify([recipe, process.platform, process.arch]));
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(sourceOf(name), file)));
  return hash.digest('hex').slice(0, 16);
}

const sourceOf = (name: string): string => fileURLToPath(new URL(`../go/${name}/`, import.meta.url));

async function compileInto(folder: string, module: GoModule, say: (line: string) => void): Promise<void> {
  const go = await goCommand(cache, say);
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    for (const [program, path] of Object.entries(module.programs)) {
      const flags = ['-v', '-ldflags', linkerFlags(module), '-o', join(draft, program), path];
      await runGo({ go, folder: sourceOf(module.name), flags, program, say });
    }
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  say(`built ${module.name} into ${dirname(folder)}`);
}

const linkerFlags = ({ variables }: GoModule): string =>
  ['-s', '-w', ...Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)].join(' ');

interface Run {
  go: string;
  folder: string;
  flags: readonly string[];
  program: string;
  say: (line: string) => void;
}

function runGo({ go, folder, flags, program, say }: Run): Promise<void> {
  const started = performance.now();
  const tail: string[] = [];
  let lines = 0;
  const progress = onEvery(10_000, () => {
    const seconds = Math.round((performance.now() - started) / 1000);
    say(`building ${program}: ${lines} packages and downloads, ${seconds} s`);
  });
  // The versions are the committed ones, whatever the machine is set to.
  const environment = { ...process.env, GOFLAGS: '-mod=readonly -buildvcs=false', GOWORK: 'off' };
  const child = spawn(go, ['build', ...flags], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  createInterface(child.stderr).on('line', (line) => {
    lines += 1;
    tail.splice(0, tail.length - 20);
    tail.push(line);
    progress();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`go build ${program} failed (${code}):\n${tail.join('\n')}`)),
    );
  });
}

/** The same action, done at most once per period, and not before one has passed. */
function onEvery(milliseconds: number, action: () => void): () => void {
  let next = performance.now() + milliseconds;
  return () => {
    if (performance.now() < next) return;
    next = performance.now() + milliseconds;
    action();
  };
}
