import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { modelgate, temporaryFolder } from '../cli/command.ts';
import { serving } from '../cli/serving.ts';
import { blocks, page as textOf, ROOT } from './markdown.ts';

const readme = textOf('README.md');
const shell = promisify(execFile);

const commands = blocks(readme, 'sh').flatMap((block) => block.replaceAll('\\\n', '').trim().split('\n'));

test('the two commands for everything are scripts of the package', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  assert.ok(commands.includes('npm ci && npm start'));
  assert.ok(commands.includes('npm cit'));
  assert.match(scripts['start']!, /cli\/bin\.js serve$/);
  assert.ok(scripts['test']);
});

test('the first request gets the answer that the page shows', async (t) => {
  const cwd = await temporaryFolder(t);
  const gateway = await serving(t, [], { cwd });
  const curl = commands.find((command) => command.startsWith('curl'))!;
  const { stdout } = await shell('sh', ['-c', curl.replace('http://127.0.0.1:8080/v1', gateway.url)], {
    cwd,
  });
  assert.deepEqual(JSON.parse(stdout), JSON.parse(blocks(readme, 'json')[0]!));
});

test('the resources of the page work with the commands of the page', async (t) => {
  const cwd = await temporaryFolder(t);
  await mkdir(join(cwd, 'gateway'));
  await writeFile(join(cwd, 'gateway/shop.yaml'), blocks(readme, 'yaml')[0]!);
  const offline = commands.filter((command) => /^npx modelgate (validate|explain)/.test(command));
  assert.equal(offline.length, 2);
  for (const command of offline) {
    const { code, stdout, stderr } = await modelgate(command.split(' ').slice(2), { cwd });
    assert.equal(code, 0, `${command}\n${stdout}${stderr}`);
  }
  assert.ok(commands.includes('npx modelgate serve --config gateway'));
  const gateway = await serving(t, ['--config', 'gateway'], { cwd });
  const key = readFileSync(join(cwd, '.modelgate/keys/shop/shop'), 'utf8').trim();
  const models = await fetch(`${gateway.url}/models`, { headers: { authorization: `Bearer ${key}` } });
  assert.partialDeepStrictEqual(await models.json(), { data: [{ id: 'chat' }] });
});

test('every resource on every page is in order', async () => {
  const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })];
  for (const page of pages) {
    const documents = blocks(textOf(page), 'yaml').filter((yaml) =>
      yaml.includes('apiVersion: modelgate.dev'),
    );
    for (const yaml of documents) {
      const { code, stdout, stderr } = await modelgate(['validate', '--assume-secrets', '-f', '-'], {
        stdin: yaml,
      });
      assert.equal(code, 0, `${page}\n${stdout}${stderr}`);
    }
  }
});

test('every example is in order, alone', async () => {
  for (const example of globSync('examples/*.yaml', { cwd: ROOT })) {
    const { code, stdout, stderr } = await modelgate(['validate', '-f', example], { cwd: ROOT });
    assert.equal(code, 0, `${example}\n${stdout}${stderr}`);
  }
});

test('links between pages lead somewhere', () => {
  for (const page of ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })]) {
    const text = textOf(page);
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path!);
    const missing = links.filter((link) => globSync(join(page, '..', link), { cwd: ROOT }).length === 0);
    assert.deepEqual(missing, [], page);
  }
});
