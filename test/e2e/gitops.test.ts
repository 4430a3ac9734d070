import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { load } from 'js-yaml';
import { KINDS } from '../../core/resources/kinds.ts';
import { judge, type Judgement } from '../gitops/judge.ts';
import { Platform } from './platform.ts';

// The example repository, applied as Argo CD and Flux apply it.

const GATEWAY = join(import.meta.dirname, '../../examples/gitops/gateway');
const CONFIG_MAP = join(GATEWAY, '../argocd/argocd-cm.yaml');

interface Resource {
  kind: string;
  metadata: { name: string; namespace: string };
  spec: object;
}

const written = globSync('**/*.yaml', { cwd: GATEWAY })
  .map((file) => load(readFileSync(join(GATEWAY, file), 'utf8')) as Resource)
  .filter(({ kind }) => kind !== 'Namespace');

let platform: Platform;
before(async () => {
  platform = await Platform.start();
});
after(() => platform.stop());

async function live(): Promise<Resource[]> {
  const plurals = KINDS.map(({ plural }) => `${plural}.modelgate.dev`).join(',');
  const { items } = JSON.parse(await platform.kubectl('get', plurals, '-A', '-o', 'json')) as {
    items: Resource[];
  };
  return items;
}

/** What Argo CD and Flux make of each, the same for all of them. */
async function health(): Promise<Set<string>> {
  const { data } = load(readFileSync(CONFIG_MAP, 'utf8')) as { data: Record<string, string> };
  const { judgements } = await judge({ script: Object.values(data)[0]!, objects: await live() });
  return new Set(judgements.map(({ argo, kstatus }: Judgement) => `${argo!.status} ${kstatus.status}`));
}

test('what nobody has looked at yet is waited for', async () => {
  const applied = await platform.cluster.kubectl(['apply', '--server-side', '-f', GATEWAY, '-R']);
  // Namespaces come after what is in them, in the order of file names: tools of GitOps sort, kubectl does not.
  if (applied.code !== 0) await platform.kubectl('apply', '--server-side', '-f', GATEWAY, '-R');
  assert.equal((await live()).length, written.length);
  assert.deepEqual(await health(), new Set(['Progressing InProgress']));
});

test('served by every proxy, it is healthy', async () => {
  await platform.kubectl(
    'create',
    'secret',
    'generic',
    'openai',
    '-n',
    'platform',
    '--from-literal=apiKey=sk-example-key',
  );
  await platform.startProxy('proxy-1');
  await platform.startOperator('operator-1');
  for (const { kind, metadata } of written) {
    const name = `${KINDS.find((one) => one.kind === kind)!.plural}/${metadata.name}`;
    await platform.kubectl('wait', '--for=condition=Ready', name, '-n', metadata.namespace, '--timeout=60s');
  }
  assert.deepEqual(await health(), new Set(['Healthy Current']));
});

test('nothing has been added to what is written: no drift', async () => {
  const found = new Map((await live()).map(({ kind, metadata, spec }) => [`${kind} ${metadata.name}`, spec]));
  for (const { kind, metadata, spec } of written)
    assert.deepEqual(found.get(`${kind} ${metadata.name}`), spec);
  for (const how of [['--server-side'], []]) await platform.kubectl('diff', '-f', GATEWAY, '-R', ...how);
});

test('what is applied again is not written again', async () => {
  const versions = async (): Promise<unknown> =>
    (await live()).map(({ metadata }) => (metadata as { resourceVersion?: string }).resourceVersion);
  const [first] = [await versions()];
  await platform.kubectl('apply', '--server-side', '-f', GATEWAY, '-R');
  assert.deepEqual(await versions(), first);
});
