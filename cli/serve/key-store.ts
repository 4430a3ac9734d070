import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KEY_BYTES, KEY_FORM, keyFrom } from '../../core/compile/key-form.ts';

/** A caller key that this gateway made. */
export interface StoredKey {
  key: string;
  file: string;
  /** It was made just now, and nobody has seen it yet. */
  isNew: boolean;
}

/** Names of Kubernetes objects: as parts of a path they lead nowhere else. */
const NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/** Keeps generated keys in files that only their owner may read, one for each CallerKey. */
export class KeyStore {
  readonly #folder: string;

  constructor(stateDir: string) {
    this.#folder = stateDir;
  }

  /**
   * The key of a CallerKey; made when it is first asked for.
   * @throws Error when the file cannot be read or written, or holds something else
   */
  async keyOf(namespace: string, name: string): Promise<StoredKey> {
    if (!NAME.test(namespace) || !NAME.test(name)) {
      throw new Error(`no key can be generated: use lower-case letters, digits, "-" and "." in its name`);
    }
    const file = join(this.#folder, 'keys', namespace, name);
    const known = await this.#read(file);
    if (known !== undefined) return { key: known, file, isNew: false };
    const key = keyFrom(randomBytes(KEY_BYTES));
    return (await this.#create(file, key)) ? { key, file, isNew: true } : this.keyOf(namespace, name);
  }

  async #read(file: string): Promise<string | undefined> {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    if (!KEY_FORM.test(text.trim())) throw new Error(`${file} holds no key: delete it, and one is made anew`);
    await chmod(file, 0o600);
    return text.trim();
  }

  /** The file is there as a whole or not at all; false when somebody else was faster. */
  async #create(file: string, key: string): Promise<boolean> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await this.#keepOutOfGit();
    const draft = `${file}.${randomBytes(6).toString('hex')}~`;
    try {
      await writeFile(draft, `${key}\n`, { mode: 0o600, flag: 'wx', flush: true });
      await link(draft, file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(draft, { force: true });
    }
  }

  async #keepOutOfGit(): Promise<void> {
    await writeFile(join(this.#folder, '.gitignore'), '*\n', { flag: 'wx' }).catch(() => undefined);
  }
}
