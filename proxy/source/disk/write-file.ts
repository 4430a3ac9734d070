import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The file has its old content or all of the new one, also when the power fails; only its owner may read it. */
export async function writeFileSafely(path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.draft`;
  await rm(draft, { force: true });
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncFolder(dirname(path));
}

/** Makes names that were given or taken in the folder last. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
