import { basename, extname, resolve } from 'node:path';
import type { Stats } from 'node:fs';

/** Milliseconds of quiet after which a burst of changes is looked at. */
const QUIET = 50;
/** A burst that does not end is looked at all the same. */
const LONGEST_WAIT = 500;
const EXTENSIONS = ['.yaml', '.yml', '.json'];

export interface Watch {
  close(): Promise<void>;
}

/** Calls `changed` after every burst of changes below the paths, and once when watching has begun. */
export async function watchPaths(
  paths: readonly string[],
  changed: () => void,
  failed: (error: unknown) => void,
): Promise<Watch> {
  const { watch } = await import('chokidar');
  const named = new Set(paths.map((path) => resolve(path)));
  const ignored = (path: string, stats?: Stats): boolean =>
    !named.has(resolve(path)) && isOfNoInterest(path, stats);
  const burst = new Burst(changed);
  const watcher = watch([...paths], { ignoreInitial: true, ignored });
  watcher.on('all', () => burst.more());
  watcher.on('error', failed);
  // What was saved between the first look and now has caused no event.
  watcher.on('ready', () => burst.more());
  return {
    close: async () => {
      burst.end();
      await watcher.close();
    },
  };
}

/** Hidden things, but for the `..data` of a ConfigMap volume: Kubernetes swaps that link to change all files at once. */
function isOfNoInterest(path: string, stats?: Stats): boolean {
  const name = basename(path);
  if (name === 'node_modules' || (name.startsWith('.') && !name.startsWith('..'))) return true;
  return stats?.isFile() === true && !name.startsWith('..') && !EXTENSIONS.includes(extname(name));
}

class Burst {
  readonly #then: () => void;
  #timer: NodeJS.Timeout | undefined;
  #since: number | undefined;

  constructor(then: () => void) {
    this.#then = then;
  }

  more(): void {
    const now = performance.now();
    this.#since ??= now;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#over(), Math.min(QUIET, this.#since + LONGEST_WAIT - now));
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #over(): void {
    this.#since = undefined;
    this.#then();
  }
}
