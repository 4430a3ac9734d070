import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifest } from '../../../core/publish/manifest.ts';
import { PublishError } from '../../../core/publish/publish-error.ts';
import { readShard } from '../../../core/publish/shard.ts';
import type { Publication, Reader } from '../reader.ts';
import { syncFolder, writeFileSafely } from './write-file.ts';

const CURRENT = 'manifest.json';
const PREVIOUS = 'manifest.previous.json';

/** Told of each generation that cannot be used. */
type Refused = (file: string, error: Error) => void;

/**
 * The last good configuration, and the one before it, as files: the manifest and its shards as they were published.
 * What a shard is called and the manifest's sha256 tell whether they are whole. Provider keys are in them.
 */
export class CacheFolder {
  readonly path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
  }

  /**
   * The newest generation that is whole and understood; undefined when there is none. Files that are not what they
   * should be are removed, so that they are written anew.
   */
  async load(reader: Reader, refused: Refused): Promise<Publication | undefined> {
    for (const file of [CURRENT, PREVIOUS]) {
      const manifest = await this.#text(file, refused);
      if (manifest === undefined) continue;
      try {
        return await reader.read(manifest, (name) => this.#shard(name));
      } catch (error) {
        refused(file, error as Error);
        await this.#removeBroken(file, manifest);
      }
    }
    return undefined;
  }

  /** One after the other; the newest comes last. */
  save(publication: Publication): Promise<void> {
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#save(publication));
    return this.#writing;
  }

  /** Once nothing is being written. */
  async saved(): Promise<void> {
    await this.#writing.catch(() => undefined);
  }

  async #save({ manifest, shards }: Publication): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    const files = new Set(await readdir(this.path));
    for (const [name, bytes] of shards) {
      if (!files.has(name)) await writeFileSafely(this.#file(name), bytes);
    }
    const current = files.has(CURRENT) ? await readFile(this.#file(CURRENT), 'utf8') : undefined;
    if (current === manifest) return;
    if (current !== undefined) await rename(this.#file(CURRENT), this.#file(PREVIOUS));
    await writeFileSafely(this.#file(CURRENT), manifest);
    await this.#tidy(files, [...shards.keys(), ...shardsOf(current)]);
  }

  /** Removes shards that neither generation names. */
  async #tidy(files: ReadonlySet<string>, needed: readonly string[]): Promise<void> {
    const stay = new Set([CURRENT, PREVIOUS, ...needed]);
    for (const file of files)
      if (!stay.has(file) && isOurs(file)) await rm(this.#file(file), { force: true });
    await syncFolder(this.path);
  }

  async #text(file: string, refused: Refused): Promise<string | undefined> {
    try {
      return await readFile(this.#file(file), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') refused(file, error as Error);
      return undefined;
    }
  }

  async #shard(name: string): Promise<Uint8Array> {
    try {
      return await readFile(this.#file(name));
    } catch {
      throw new PublishError(`${name} cannot be read`);
    }
  }

  /** The manifest, and those of its shards that cannot be read or are not what their names say. */
  async #removeBroken(file: string, manifest: string): Promise<void> {
    for (const name of shardsOf(manifest)) {
      const whole = await this.#shard(name).then(
        (bytes) => isWhole(name, bytes),
        () => false,
      );
      if (!whole) await rm(this.#file(name), { force: true });
    }
    await rm(this.#file(file), { force: true });
  }

  #file(name: string): string {
    return join(this.path, name);
  }
}

function isOurs(file: string): boolean {
  return /^modelgate-config-|\.draft$/.test(file);
}

function isWhole(name: string, bytes: Uint8Array): boolean {
  try {
    readShard(name, bytes);
    return true;
  } catch {
    return false;
  }
}

function shardsOf(manifest: string | undefined): readonly string[] {
  try {
    return manifest === undefined ? [] : parseManifest(manifest).shards;
  } catch {
    return [];
  }
}
