import { parseArgs } from 'node:util';
import { hash } from 'node:crypto';
import { API_VERSION, KINDS } from '../../core/resources/kinds.ts';
import { MANIFEST_NAME } from '../../core/publish/names.ts';
import { Platform, NAMESPACE } from '../../test/e2e/platform.ts';
import { eventually } from '../../test/e2e/eventually.ts';

const USAGE = `node bench/operator/main.ts [--aliases N] [--keys N] [--edits N] [--quiet SECONDS]

Measures the operator on a real API server: from cold until every status is written, one edit, memory, rest.

  --aliases  ModelAliases (5000)
  --keys     CallerKeys (20000)
  --edits    edits of one alias (20)
  --quiet    seconds in which nothing may be written (60)
`;

const { values } = parseArgs({
  options: {
    aliases: { type: 'string', default: '5000' },
    keys: { type: 'string', default: '20000' },
    edits: { type: 'string', default: '20' },
    quiet: { type: 'string', default: '60' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit();
}

const NAMESPACES = 100;
const MANIFEST = `/api/v1/namespaces/${NAMESPACE}/secrets/${MANIFEST_NAME}`;
const team = (i: number): string => `team-${i % NAMESPACES}`;

const alias = (i: number): object => ({
  apiVersion: API_VERSION,
  kind: 'ModelAlias',
  metadata: { name: `m${i}`, namespace: team(i) },
  spec: {
    targets: [
      { credentialRef: { name: 'mock', namespace: 'platform' }, model: 'echo', weight: 90 },
      { credentialRef: { name: 'mock', namespace: 'platform' }, model: 'lorem', weight: 10, priority: 1 },
    ],
  },
});

const callerKey = (i: number): object => ({
  apiVersion: API_VERSION,
  kind: 'CallerKey',
  metadata: { name: `k${i}`, namespace: team(i), labels: { team: team(i) } },
  spec: {
    sha256: hash('sha256', `key ${i}`, 'hex'),
    aliases: [`m${i % NAMESPACES}`, `m${(i % NAMESPACES) + NAMESPACES}`],
    attributes: { costCenter: String(i % 40) },
  },
});

const platform = await Platform.start();
const { cluster } = platform;

async function createAll(path: (i: number) => string, count: number, object: (i: number) => object) {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      const { status, body } = await cluster.api(path(i), { method: 'POST', body: object(i) });
      if (status !== 201) throw new Error(JSON.stringify(body));
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
}

const plural = (kind: string): string => KINDS.find((k) => k.kind === kind)!.plural;
const pathOf = (kind: string, namespace: string): string =>
  `/apis/${API_VERSION}/namespaces/${namespace}/${plural(kind)}`;

async function metricsOf(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

function metric(text: string, name: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
  return line === undefined ? 0 : Number(line.split(' ').at(-1));
}

let most = 0;
async function memory(port: number): Promise<string> {
  const now = Math.round(metric(await metricsOf(port), 'process_resident_memory_bytes') / 2 ** 20);
  most = Math.max(most, now);
  return `${now} / ${most} MB`;
}

async function resourceVersion(): Promise<string> {
  const { body } = await cluster.api('/api/v1/namespaces?limit=1');
  return (body as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
}

const revision = async (): Promise<string> =>
  JSON.stringify(((await cluster.api(MANIFEST)).body as { data?: object }).data);
const seconds = (since: number): string => ((performance.now() - since) / 1_000).toFixed(1);
const say = (what: string, value: string): void => console.log(`${what.padEnd(48)} ${value}`);

try {
  const aliases = Number(values.aliases);
  const keys = Number(values.keys);
  const setUp = performance.now();
  await createAll(
    () => '/api/v1/namespaces',
    NAMESPACES + 1,
    (i) => ({
      metadata: { name: i === NAMESPACES ? 'platform' : team(i) },
    }),
  );
  await createAll(
    () => pathOf('ProviderCredential', 'platform'),
    1,
    () => ({
      apiVersion: API_VERSION,
      kind: 'ProviderCredential',
      metadata: { name: 'mock', namespace: 'platform' },
      spec: { provider: 'Mock', allowedNamespaces: { from: 'All' } },
    }),
  );
  await createAll((i) => pathOf('ModelAlias', team(i)), aliases, alias);
  await createAll((i) => pathOf('CallerKey', team(i)), keys, callerKey);
  say('(objects created in)', `${seconds(setUp)} s`);

  await platform.startProxy('proxy-1');
  const cold = performance.now();
  const operator = await platform.startOperator('operator-1');
  await eventually(revision, (data) => data !== undefined, 120_000);
  say('cold: published after', `${seconds(cold)} s`);
  const written = 'modelgate_operator_status_writes_total{result="ok"}';
  let before = -1;
  await eventually(
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await memory(operator.adminPort);
      const now = metric(await metricsOf(operator.adminPort), written);
      const still = now === before && now >= aliases + keys;
      before = now;
      return still;
    },
    (still) => still,
    600_000,
  );
  say('cold: every status written after', `${seconds(cold)} s`);
  say('status writes', String(before));
  say('memory now / at most', await memory(operator.adminPort));

  const times: number[] = [];
  for (let i = 0; i < Number(values.edits); i++) {
    const last = await revision();
    const at = performance.now();
    await cluster.api(`${pathOf('ModelAlias', team(1))}/m1`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { spec: { description: `edit ${i}` } },
    });
    await eventually(revision, (data) => data !== last);
    times.push(performance.now() - at);
  }
  times.sort((a, b) => a - b);
  say(
    'one edit: published after, median / worst',
    `${times[times.length >> 1]?.toFixed(0)} / ${times.at(-1)?.toFixed(0)} ms`,
  );
  say('memory now / at most', await memory(operator.adminPort));
  await eventually(
    async () => await platform.kubectl('wait', '--for=condition=Programmed', `malias/m1`, '-n', team(1)),
    () => true,
  );

  const text = await metricsOf(operator.adminPort);
  const writesBefore = metric(text, written);
  const reconcilesBefore = metric(text, 'modelgate_operator_reconciles_total{result="ok"}');
  const from = Number(await resourceVersion());
  await new Promise((resolve) => setTimeout(resolve, Number(values.quiet) * 1_000));
  const rest = await metricsOf(operator.adminPort);
  say(`in ${values.quiet} s of rest: status writes`, String(metric(rest, written) - writesBefore));
  say(
    'reconciles',
    String(metric(rest, 'modelgate_operator_reconciles_total{result="ok"}') - reconcilesBefore),
  );
  say('versions of anything (two Leases are renewed)', String(Number(await resourceVersion()) - from));
  say('memory now / at most', await memory(operator.adminPort));
} finally {
  await platform.stop();
}
