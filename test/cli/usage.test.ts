import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { modelgate } from './command.ts';

test('--help shows every command, examples and the exit codes; so does a bare call, as a mistake', async () => {
  const [help, bare] = await Promise.all([modelgate(['--help']), modelgate([])]);
  assert.equal(help.code, 0);
  for (const text of ['serve', 'validate', 'explain', 'diff', 'Examples:', 'Exit codes:']) {
    assert.ok(help.stdout.includes(text), text);
  }
  assert.equal(bare.code, 2);
  assert.match(bare.stderr, /Usage: modelgate/);
});

test('every command has help with examples', async () => {
  for (const command of ['serve', 'validate', 'explain', 'diff']) {
    const { code, stdout } = await modelgate([command, '--help']);
    assert.equal(code, 0);
    assert.match(stdout, /Examples:/, command);
  }
});

test('--version is the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.deepEqual(await modelgate(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
});

test('a wrong command line ends with 2 and says what is wrong', async () => {
  const cases: [string[], RegExp][] = [
    [['sevre'], /unknown command 'sevre'/],
    [['validate'], /required option '-f, --file/],
    [['validate', '-f', '.', '--jsno'], /unknown option '--jsno'/],
    [['serve', '--port', '99999'], /It has to be a number from 0 to 65535/],
    [['serve', '--log-level', 'loud'], /Allowed choices are/],
    [['serve', '--port', '8080', '--admin-port', '8080'], /have to differ/],
    [['serve', '--config', '-'], /standard input cannot be watched/],
    [['explain', '-f', '.', '--key', 'a', '--model', 'b', '--header', 'x'], /Write it like x-tier=gold/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await modelgate(args);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, message);
  }
});
