import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import { customResourceDefinition, type StructuralSchema } from '../../core/resources/crd.ts';
import { API_VERSION, KINDS } from '../../core/resources/kinds.ts';
import { type Cluster, installCrds, pathOf, startCluster } from './index.ts';

// What people see and do with kubectl.

let cluster: Cluster;
before(async () => {
  cluster = await startCluster();
  await installCrds(cluster);
});
after(() => cluster.stop());

async function kubectl(args: readonly string[], stdin?: object): Promise<string> {
  const { code, stdout, stderr } = await cluster.kubectl(args, stdin && JSON.stringify(stdin));
  assert.equal(code, 0, stderr);
  return stdout;
}

const resource = (kind: string, name: string, spec: object): object => ({
  apiVersion: API_VERSION,
  kind,
  metadata: { name },
  spec,
});

describe('kubectl explain', () => {
  for (const definition of KINDS) {
    test(`has a text for every field of ${definition.kind}`, async () => {
      const { openAPIV3Schema } = customResourceDefinition(definition).spec.versions[0]!.schema;
      const paths = objectPaths(openAPIV3Schema, definition.singular);
      const explained = paths.map(async (path) => [path, await kubectl(['explain', path])] as const);
      for (const [path, page] of await Promise.all(explained)) {
        const fields = page.split(/^FIELDS:$/m)[1]!;
        assert.ok(!/<no description>|<empty>/.test(fields), `${path}\n${fields}`);
        assert.match(page, /^DESCRIPTION:\n {4}\S/m, path);
      }
    });

    test(`shows the tree of ${definition.kind}`, async () => {
      const tree = await kubectl(['explain', definition.shortName, '--recursive']);
      assert.match(tree, new RegExp(`^KIND: +${definition.kind}$`, 'm'));
      for (const member of ['spec', 'status', 'observedGeneration', 'conditions'])
        assert.match(tree, new RegExp(`^ +${member}\\t<`, 'm'));
    });
  }
});

/** Paths, as `kubectl explain` takes them, of everything that has members. */
function objectPaths(schema: StructuralSchema, path: string): string[] {
  const { properties, items, additionalProperties } = schema;
  const entry = items ?? additionalProperties;
  if (entry !== undefined) return objectPaths(entry, path);
  if (properties === undefined) return [];
  const children = Object.entries(properties).filter(([name]) => name !== 'metadata');
  return [path, ...children.flatMap(([name, child]) => objectPaths(child, `${path}.${name}`))];
}

const NOW = '2026-01-01T00:00:00Z';
const READY = {
  observedGeneration: 1,
  conditions: [
    { type: 'Programmed', status: 'True', reason: 'Programmed', message: 'm', lastTransitionTime: NOW },
    { type: 'Ready', status: 'True', reason: 'Ready', message: 'In use.', lastTransitionTime: NOW },
  ],
};

async function setStatus(kind: string, name: string, status: object): Promise<void> {
  const answer = await cluster.api(`${pathOf(kind)}/${name}/status`, {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: { status },
  });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
}

describe('kubectl get', () => {
  before(async () => {
    const items = [
      resource('ProviderCredential', 'mock', { provider: 'Mock' }),
      resource('ProviderCredential', 'vllm', {
        provider: 'OpenAICompatible',
        baseURL: 'http://vllm:8000/v1',
      }),
      resource('ModelAlias', 'chat', {
        alias: 'team/*',
        targets: [{ credentialRef: { name: 'mock' }, model: 'echo' }],
        routing: { strategy: 'LeastBusy' },
      }),
      resource('CallerKey', 'shop', { generate: { secretName: 'shop' }, disabled: true }),
      resource('TrafficPolicy', 'all', { mode: 'Monitor' }),
    ];
    await kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
    await setStatus('ProviderCredential', 'mock', READY);
    await setStatus('ModelAlias', 'chat', READY);
    await setStatus('CallerKey', 'shop', { ...READY, prefix: 'mg-abc', expiresAt: '2027-01-01T00:00:00Z' });
    await setStatus('TrafficPolicy', 'all', READY);
  });

  /** The table, with ages and trailing blanks taken out. */
  const table = async (...args: string[]): Promise<string[]> => {
    const lines = (await kubectl(['get', ...args])).trimEnd().split('\n');
    return lines.map((line) => line.trimEnd().replace(/(\d+[smh])+$/, '0s'));
  };

  test('providercredentials', async () => {
    assert.deepEqual(await table('pcred'), [
      'NAME   READY   PROVIDER           REASON   AGE',
      'mock   True    Mock               Ready    0s',
      'vllm           OpenAICompatible            0s',
    ]);
    assert.deepEqual(await table('pcred', '-o', 'wide'), [
      'NAME   READY   PROVIDER           BASE URL              REASON   MESSAGE   AGE',
      'mock   True    Mock                                     Ready    In use.   0s',
      'vllm           OpenAICompatible   http://vllm:8000/v1                      0s',
    ]);
  });

  test('modelaliases', async () => {
    assert.deepEqual(await table('malias'), [
      'NAME   READY   ALIAS    MODEL   REASON   AGE',
      'chat   True    team/*   echo    Ready    0s',
    ]);
    assert.deepEqual(await table('malias', '-o', 'wide'), [
      'NAME   READY   ALIAS    MODEL   STRATEGY    REASON   MESSAGE   AGE',
      'chat   True    team/*   echo    LeastBusy   Ready    In use.   0s',
    ]);
  });

  test('callerkeys', async () => {
    assert.deepEqual(await table('ckey'), [
      'NAME   READY   PREFIX   EXPIRES                REASON   AGE',
      'shop   True    mg-abc   2027-01-01T00:00:00Z   Ready    0s',
    ]);
    assert.deepEqual(await table('ckey', '-o', 'wide'), [
      'NAME   READY   PREFIX   EXPIRES                DISABLED   REASON   MESSAGE   AGE',
      'shop   True    mg-abc   2027-01-01T00:00:00Z   true       Ready    In use.   0s',
    ]);
  });

  test('trafficpolicies', async () => {
    assert.deepEqual(await table('tpol'), [
      'NAME   READY   MODE      REASON   AGE',
      'all    True    Monitor   Ready    0s',
    ]);
    assert.deepEqual(await table('tpol', '-o', 'wide'), [
      'NAME   READY   MODE      REASON   MESSAGE   AGE',
      'all    True    Monitor   Ready    In use.   0s',
    ]);
  });

  for (const category of ['modelgate', 'ai-gateway'])
    test(`all of them as ${category}`, async () => {
      const names = (await kubectl(['get', category, '-o', 'name'])).trim().split('\n');
      assert.deepEqual(names.toSorted(), [
        'callerkey.modelgate.dev/shop',
        'modelalias.modelgate.dev/chat',
        'providercredential.modelgate.dev/mock',
        'providercredential.modelgate.dev/vllm',
        'trafficpolicy.modelgate.dev/all',
      ]);
    });

  test('by a field', async () => {
    const found = async (kind: string, selector: string): Promise<string> =>
      (await kubectl(['get', kind, '-o', 'name', '--field-selector', selector])).trim();
    assert.equal(await found('pcred', 'spec.provider=Mock'), 'providercredential.modelgate.dev/mock');
    assert.equal(await found('malias', 'spec.alias=team/*'), 'modelalias.modelgate.dev/chat');
  });

  test('until a condition holds', async () => {
    await kubectl(['wait', '--for=condition=Programmed', 'malias/chat', '--timeout=10s']);
  });
});

describe('status', () => {
  interface Stored {
    metadata: { generation: number };
    spec: { mode: string };
    status?: { observedGeneration?: number };
  }
  const path = (): string => `${pathOf('TrafficPolicy')}/status-test`;
  const stored = async (): Promise<Stored> => (await cluster.api(path())).body as Stored;
  const patch = async (to: string, body: object): Promise<void> => {
    await cluster.api(to, { method: 'PATCH', contentType: 'application/merge-patch+json', body });
  };
  before(() => kubectl(['apply', '-f', '-'], resource('TrafficPolicy', 'status-test', { mode: 'Enforce' })));

  test('whoever may write the resource does not write its status', async () => {
    await patch(path(), { status: { observedGeneration: 7 } });
    const { status, metadata } = await stored();
    assert.deepEqual([status, metadata.generation], [{ observedGeneration: -1 }, 1]);
  });

  test('whoever may write the status does not write the resource', async () => {
    await patch(`${path()}/status`, { spec: { mode: 'Monitor' }, status: { observedGeneration: 1 } });
    const { spec, status, metadata } = await stored();
    assert.deepEqual([spec.mode, status, metadata.generation], ['Enforce', { observedGeneration: 1 }, 1]);
  });

  test('a status that is not of the schema is refused', async () => {
    const body = { status: { conditions: [{ ...READY.conditions[0], type: 'Happy' }] } };
    const answer = await cluster.api(`${path()}/status`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body,
    });
    assert.equal(answer.status, 422);
  });
});

describe('server-side apply by two managers', () => {
  const apply = (manager: string, spec: object, ...flags: string[]) =>
    cluster.kubectl(
      ['apply', '--server-side', `--field-manager=${manager}`, '-f', '-', ...flags],
      JSON.stringify(resource('TrafficPolicy', 'shared', spec)),
    );
  const specOf = async (): Promise<Record<string, unknown>> =>
    JSON.parse(await kubectl(['get', 'tpol', 'shared', '-o', 'jsonpath={.spec}'])) as Record<string, unknown>;
  const rpm = { name: 'rpm', requests: 600, per: 'Minute' };
  const tpd = { name: 'tpd', tokens: 2_000_000, per: 'Day' };

  test('each owns its own entries of a list', async () => {
    assert.equal((await apply('platform', { mode: 'Enforce', limits: [rpm] })).code, 0);
    assert.equal((await apply('finance', { limits: [tpd] })).code, 0);
    assert.deepEqual(await specOf(), { mode: 'Enforce', limits: [rpm, tpd] });
  });

  test('what one says no more is gone, what the other says stays', async () => {
    assert.equal((await apply('platform', { mode: 'Enforce' })).code, 0);
    assert.deepEqual(await specOf(), { mode: 'Enforce', limits: [tpd] });
  });

  test('a field of the other is a conflict, until it is forced', async () => {
    const refused = await apply('finance', { mode: 'Monitor', limits: [tpd] });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /conflict with "platform": \.spec\.mode/);
    assert.equal((await specOf())['mode'], 'Enforce');
    assert.equal((await apply('finance', { mode: 'Monitor', limits: [tpd] }, '--force-conflicts')).code, 0);
    assert.equal((await specOf())['mode'], 'Monitor');
  });

  test('applying the same again changes nothing', async () => {
    const version = ['get', 'tpol', 'shared', '-o', 'jsonpath={.metadata.resourceVersion}'];
    const first = await kubectl(version);
    await apply('finance', { mode: 'Monitor', limits: [tpd] });
    assert.equal(await kubectl(version), first);
  });
});
