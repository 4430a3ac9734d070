import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import * as yaml from 'js-yaml';
import { bundle } from '../../scripts/bundle/bundle.ts';
import { NAMESPACE, Platform, type Proxy } from '../e2e/platform.ts';
import { CHART, pick, podOf, render, type PodTemplate, type Rendered } from './chart.ts';

let folder: string;
let platform: Platform;
let proxy: Proxy;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'modelgate-image-'));
  await bundle(folder);
  // What the image runs.
  platform = await Platform.start({ bin: join(folder, 'modelgate.js') });
  [, proxy] = await Promise.all([platform.startOperator('operator'), platform.startProxy('proxy')]);
});
after(async () => {
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
});

const keyIn = async (secret: string): Promise<string> => {
  const key = 'jsonpath={.data.MODELGATE_API_KEY}';
  return Buffer.from(
    await platform.kubectl('get', 'secret', '-n', NAMESPACE, secret, '-o', key),
    'base64',
  ).toString();
};

interface Ran {
  code: number;
  output: string;
}

/** What the container of the test pod runs, on this machine. */
async function runPod({ spec }: Rendered, key: string): Promise<Ran> {
  const [{ args, env }] = (spec as unknown as PodTemplate['spec']).containers;
  const given = Object.fromEntries(
    env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
  const here = {
    PROXY_URL: `http://127.0.0.1:${proxy.port}`,
    ADMIN_URL: `http://127.0.0.1:${proxy.adminPort}`,
  };
  const child = spawn(process.execPath, ['--input-type=module', '--eval', args[0]!], {
    env: { ...given, ...here, MODELGATE_API_KEY: key },
  });
  const [output, complaint, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code: code as number, output: output + complaint };
}

test('what `helm test` runs finds a fresh installation in order', async () => {
  const hooks = (await render(4)).filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === 'test');
  const renamed = hooks.map((hook) => ({ ...hook, metadata: { ...hook.metadata, namespace: NAMESPACE } }));
  const objects = renamed.filter(({ kind }) => kind !== 'Pod');
  await platform.apply(objects.map((object) => yaml.dump(object)).join('---\n'));
  await platform.kubectl(
    'wait',
    '-n',
    NAMESPACE,
    '--for=condition=Programmed',
    '--timeout=60s',
    'ckey/gw-modelgate-test',
  );
  const { code, output } = await runPod(pick(hooks, 'Pod'), await keyIn('gw-modelgate-test'));
  assert.equal(code, 0, output);
  assert.deepEqual(output.trim().split('\n'), ['ok: a request to a mock model', 'ok: ready', 'ok: metrics']);
});

test('the notes of an installation can be followed', async () => {
  const { stdout } = await platform.cluster.helm(4, [
    'install',
    'modelgate',
    CHART,
    '-n',
    NAMESPACE,
    '--dry-run=client',
  ]);
  const notes = stdout.slice(stdout.indexOf('NOTES:'));
  const manifest = /<<'EOF'\n([\s\S]*?)^EOF$/m.exec(notes)![1]!;
  const { code, stderr } = await platform.cluster.kubectl(['apply', '-n', NAMESPACE, '-f', '-'], manifest);
  assert.equal(code, 0, stderr);
  await platform.kubectl(...command(notes, 'wait'));
  const secret = command(notes.replace(/^KEY=\$\((.*) \| base64 -d\)$/m, '$1').replaceAll("'", ''), 'get');
  const key = Buffer.from(await platform.kubectl(...secret), 'base64').toString();
  const body = /-d '(\{.*\})'/.exec(notes)![1]!;
  const answer = await fetch(`${proxy.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body,
  });
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /"content":"Hello"/);
});

/** The arguments of that `kubectl` command in a text. */
function command(notes: string, verb: string): string[] {
  return new RegExp(`^kubectl (${verb} .*)$`, 'm').exec(notes)![1]!.split(' ');
}

test('the base URL that applications are told is that of the Service', async () => {
  const objects = await render(4, '--set', 'proxy.service.port=8081');
  const { metadata, spec } = pick(objects, 'Service', '-proxy');
  const args = podOf(pick(objects, 'Deployment', '-operator')).spec.containers[0].args;
  assert.ok(args.includes(`--base-url=http://${metadata.name}.${metadata.namespace}.svc:8081/v1`));
  assert.deepEqual((spec['ports'] as { port: number; targetPort: string }[])[0]?.targetPort, 'http');
});
