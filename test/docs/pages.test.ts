import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { test } from 'node:test';
import { REASONS } from '../../core/resources/conditions.ts';
import { modelgate, temporaryFolder } from '../cli/command.ts';
import { anchors, blocks, headings, page, ROOT } from './markdown.ts';

test('every reason of a condition has a section that helps, and nothing else has one', () => {
  const sections = headings(page('docs/troubleshooting.md'), 3);
  assert.deepEqual(sections.toSorted(), Object.keys(REASONS).toSorted());
});

test('links into a page lead to a heading of it', () => {
  for (const path of ['README.md', ...globSync('{docs,examples}/**/*.md', { cwd: ROOT })]) {
    const links = [...page(path).matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)];
    for (const [, file, anchor] of links) {
      const target = file === '' ? path : normalize(join(path, '..', file!));
      assert.ok(anchors(page(target)).includes(anchor!), `${path}: ${target}#${anchor}`);
    }
  }
});

test('what the pages say offline works with what they have written before', async (t) => {
  const cwd = await temporaryFolder(t);
  const [first] = blocks(page('docs/first-alias.md'), 'yaml');
  await writeFile(join(cwd, 'chat.yaml'), first!);
  const commands = blocks(page('docs/troubleshooting.md'), 'sh')
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('npx modelgate'));
  assert.equal(commands.length, 2);
  for (const command of commands) {
    const { code, stdout, stderr } = await modelgate(command.split(' ').slice(2), { cwd });
    assert.equal(code, 0, `${command}\n${stdout}${stderr}`);
  }
});
