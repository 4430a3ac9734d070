import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { watchPaths } from './watch.ts';

const root = await mkdtemp(join(tmpdir(), 'modelgate-watch-'));
after(() => rm(root, { recursive: true, force: true }));

/** Watches while `use` runs; `seen(file, text)` resolves when a change was reported and the file reads so. */
async function watching(
  path: string,
  use: (seen: (file: string, text: string | undefined) => Promise<void>) => Promise<void>,
): Promise<void> {
  const bursts = new EventEmitter();
  const watch = await watchPaths(
    [path],
    () => bursts.emit('burst'),
    (error) => bursts.emit('error', error),
  );
  await once(bursts, 'burst');
  const seen = async (file: string, text: string | undefined): Promise<void> => {
    for (;;) {
      await once(bursts, 'burst');
      if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return;
    }
  };
  await use(seen);
  await watch.close();
}

const folder = async (name: string): Promise<string> => {
  await mkdir(join(root, name), { recursive: true });
  return join(root, name);
};

test('new, changed, replaced and removed files of a folder', async () => {
  const path = await folder('plain');
  const file = join(path, 'a.yaml');
  await watching(path, async (seen) => {
    await Promise.all([seen(file, 'one'), writeFile(file, 'one')]);
    await Promise.all([seen(file, 'two'), writeFile(file, 'two')]);
    const draft = join(path, '.a.yaml.swp');
    await writeFile(draft, 'three');
    await Promise.all([seen(file, 'three'), rename(draft, file)]);
    const deep = join(path, 'deep', 'b.yml');
    await mkdir(join(path, 'deep'));
    await Promise.all([seen(deep, 'b'), writeFile(deep, 'b')]);
    await Promise.all([seen(file, undefined), rm(file)]);
  });
});

test('one file, saved the way editors do: a new file takes its place, again and again', async () => {
  const file = join(await folder('file'), 'only.conf');
  await writeFile(file, 'zero');
  await watching(file, async (seen) => {
    for (const text of ['one', 'two', 'three']) {
      await writeFile(`${file}~`, text);
      await Promise.all([seen(file, text), rename(`${file}~`, file)]);
    }
  });
});

test('a ConfigMap volume: the link to all of its files is swapped', async () => {
  const path = await folder('volume');
  const publish = async (version: string): Promise<void> => {
    await mkdir(join(path, `..${version}`));
    await writeFile(join(path, `..${version}`, 'a.yaml'), version);
    await symlink(`..${version}`, join(path, '..data_tmp'));
    await rename(join(path, '..data_tmp'), join(path, '..data'));
  };
  await publish('v1');
  await symlink('..data/a.yaml', join(path, 'a.yaml'));
  const file = join(path, 'a.yaml');
  await watching(path, async (seen) => {
    await Promise.all([seen(file, 'v2'), publish('v2')]);
    await rm(join(path, '..v1'), { recursive: true });
    await Promise.all([seen(file, 'v3'), publish('v3')]);
  });
});
