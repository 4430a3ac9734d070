import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { modelgate, temporaryFolder } from './command.ts';
import { alias, caller, CALLER_KEY, generated, MOCK, yaml } from './manifests.ts';
import { ask, serving, type Serving } from './serving.ts';

const FLAGS = ['--port', '0', '--admin-port', '0'];

async function folderWith(t: TestContext, files: Record<string, string>): Promise<string> {
  const cwd = await temporaryFolder(t);
  await mkdir(join(cwd, 'config'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, 'config', name), text);
  return cwd;
}

/** Saves the way editors do: the new file takes the place of the old one. */
async function save(cwd: string, name: string, text: string): Promise<void> {
  const file = join(cwd, 'config', name);
  await writeFile(`${file}~`, text);
  await rename(`${file}~`, file);
}

/** The next line of the log that matches, after something was done. */
async function logged(gateway: Serving, pattern: RegExp, act: () => Promise<void>) {
  const from = gateway.logged.all.length;
  await act();
  const line = await gateway.logged.find(pattern, from);
  return { line: JSON.parse(line), lines: gateway.logged.all.slice(from) };
}

const base = { 'base.yaml': yaml(MOCK, caller()), 'chat.yaml': alias('chat') };

test('an edit is live, and the log says what it does to callers', async (t) => {
  const cwd = await folderWith(t, base);
  const gateway = await serving(t, ['--config', 'config'], { cwd });
  assert.equal(await ask(gateway, CALLER_KEY, 'chat'), 200);
  assert.equal(await ask(gateway, CALLER_KEY, 'talk'), 404);

  const { line } = await logged(gateway, /configuration reloaded/, () =>
    save(cwd, 'talk.yaml', alias('talk')),
  );
  assert.equal(line.breaking, 0);
  assert.deepEqual(line.summary, [
    'ModelAlias default/talk ("talk") is added',
    'CallerKey default/app: may now call talk',
  ]);
  assert.equal(await ask(gateway, CALLER_KEY, 'talk'), 200);

  await logged(gateway, /configuration reloaded/, () => rm(join(cwd, 'config', 'talk.yaml')));
  assert.equal(await ask(gateway, CALLER_KEY, 'talk'), 404);
});

test('a broken edit is refused with file and line, and the old configuration goes on', async (t) => {
  const cwd = await folderWith(t, base);
  const gateway = await serving(t, ['--config', 'config'], { cwd });
  const broken: [string, RegExp][] = [
    ['a: [1\n', /config\/chat\.yaml:\d+: /],
    [alias('chat').replace('model:', 'modle:'), /config\/chat\.yaml:8: ModelAlias\/default\/chat: .*modle/],
    [`${alias('chat')}  routing: {strategy: LeastCost}\n`, /config\/chat\.yaml:9: .*not supported yet/],
  ];
  for (const [text, message] of broken) {
    const { lines } = await logged(gateway, /reload refused/, () => save(cwd, 'chat.yaml', text));
    assert.ok(
      lines.some((line) => message.test(JSON.parse(line).msg)),
      `${String(message)} in ${lines.join('\n')}`,
    );
    assert.equal(await ask(gateway, CALLER_KEY, 'chat'), 200);
  }
  const mended = alias('chat').replace('echo', 'error-500');
  await logged(gateway, /configuration reloaded/, () => save(cwd, 'chat.yaml', mended));
  assert.equal(await ask(gateway, CALLER_KEY, 'chat'), 502);
});

test('a key and a credential that are taken away are gone, even when references break by it', async (t) => {
  const cwd = await folderWith(t, {
    'mock.yaml': MOCK,
    'key.yaml': caller(),
    'chat.yaml': alias('chat'),
  });
  const gateway = await serving(t, ['--config', 'config'], { cwd });
  assert.equal(await ask(gateway, CALLER_KEY, 'chat'), 200);
  const withoutMock = await logged(gateway, /configuration reloaded/, () =>
    rm(join(cwd, 'config', 'mock.yaml')),
  );
  assert.ok(withoutMock.lines.some((line) => /chat\.yaml:7: .*no ProviderCredential/.test(line)));
  assert.equal(await ask(gateway, CALLER_KEY, 'chat'), 503);
  await logged(gateway, /configuration reloaded/, () => rm(join(cwd, 'config', 'key.yaml')));
  assert.equal(await ask(gateway, CALLER_KEY, 'chat'), 401);
});

test('a stream that is under way goes on to its end through a reload', async (t) => {
  const cwd = await folderWith(t, { ...base, 'chat.yaml': alias('chat', 'slow-stream') });
  const gateway = await serving(t, ['--config', 'config'], { cwd });
  const response = await fetch(`${gateway.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CALLER_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'chat',
      stream: true,
      max_tokens: 12,
      messages: [{ role: 'user', content: 'Hi' }],
    }),
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader.read()).value ?? '';
  await logged(gateway, /configuration reloaded/, () => rm(join(cwd, 'config', 'chat.yaml')));
  assert.equal(await ask(gateway, CALLER_KEY, 'chat'), 404);
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  assert.match(text, /data: \[DONE\]\n\n$/);
});

test('at the start, mistakes in the files prevent it; what does not hold is only said', async (t) => {
  const cwd = await folderWith(t, { ...base, 'typo.yaml': alias('x').replace('spec:', 'spce:') });
  const refused = await modelgate(['serve', '--config', 'config', ...FLAGS], { cwd });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /config\/typo\.yaml:5: ModelAlias\/default\/x: spce: .*did you mean "spec"/);
  assert.match(refused.stderr, /not started/);

  await save(cwd, 'typo.yaml', alias('x').replace('{name: mock}', '{name: nobody}'));
  const gateway = await serving(t, ['--config', 'config'], { cwd });
  await gateway.said.find(/^warning: config\/typo\.yaml:7: ModelAlias\/default\/x: .*nobody/);
  assert.equal(await ask(gateway, CALLER_KEY, 'chat'), 200);
});

test('an empty folder is a configuration: alive, not ready, until there is an alias', async (t) => {
  const cwd = await folderWith(t, {});
  const gateway = await serving(t, ['--config', 'config'], { cwd });
  const probe = async (path: string) => (await fetch(`${gateway.adminUrl}${path}`)).status;
  assert.deepEqual([await probe('/livez'), await probe('/readyz')], [200, 503]);
  await logged(gateway, /configuration reloaded/, () =>
    save(cwd, 'all.yaml', yaml(MOCK, alias('chat'), caller())),
  );
  assert.equal(await probe('/readyz'), 200);
  assert.equal(await ask(gateway, CALLER_KEY, 'chat'), 200);
});

test('a generated key appears with its CallerKey', async (t) => {
  const cwd = await folderWith(t, base);
  const local = await serving(t, ['--config', 'config', '--state-dir', 'state'], { cwd });
  await logged(local, /a caller key was generated/, () => save(cwd, 'key.yaml', generated()));
  await local.logged.find(/configuration reloaded/);
  const key = (await readFile(join(cwd, 'state/keys/default/local'), 'utf8')).trim();
  assert.equal(await ask(local, key, 'chat'), 200);
});

test('two signals end it at once, whatever is under way', async (t) => {
  const cwd = await folderWith(t, { ...base, 'chat.yaml': alias('chat', 'delay-600s') });
  const gateway = await serving(t, ['--config', 'config'], { cwd });
  const pending = ask(gateway, CALLER_KEY, 'chat').catch(() => 'cut off');
  const inFlight = async (): Promise<number> => {
    const status = await (await fetch(`${gateway.adminUrl}/status`)).json();
    return (status as { inFlight: number }).inFlight;
  };
  while ((await inFlight()) !== 1);
  gateway.kill('SIGTERM');
  await gateway.logged.find(/stopping/);
  gateway.kill('SIGINT');
  assert.equal(await gateway.exit, 1);
  assert.equal(await pending, 'cut off');
});
