import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { compile } from '../../core/compile/index.ts';
import { NameIndex } from '../../core/compile/name-index.ts';

const apiVersion = 'modelgate.dev/v1alpha1';
const KEYS = 20_000;
const ALIASES = 1_000;
const NAMESPACES = 20;

const credential = {
  apiVersion,
  kind: 'ProviderCredential',
  metadata: { name: 'mock', namespace: 'platform' },
  spec: { provider: 'Mock' },
};

const aliases = Array.from({ length: ALIASES }, (_, i) => ({
  apiVersion,
  kind: 'ModelAlias',
  metadata: { name: `m${i}`, namespace: 'platform' },
  spec: {
    targets: [{ credentialRef: { name: 'mock' }, model: 'echo' }],
    allowedNamespaces: { from: 'Selector', selector: { matchLabels: { tenant: 'yes' } } },
  },
}));

const caller = (i: number, wishes: string[]): object => ({
  apiVersion,
  kind: 'CallerKey',
  metadata: { name: `key-${i}`, namespace: `tenant-${i % NAMESPACES}` },
  spec: { sha256: i.toString(16).padStart(64, '0'), aliases: wishes },
});

interface Work {
  /** Names looked for in what a namespace may use. */
  lookUps: number;
  /** Times that somebody asked for the labels of a namespace. */
  labelReads: number;
  tables: number;
  callers: number;
}

function work(t: TestContext, keys: number, wishes: (i: number) => string[]): Work {
  const has = t.mock.method(NameIndex.prototype, 'has');
  let labelReads = 0;
  const namespaces = new Proxy<Record<string, Record<string, string>>>(
    {},
    {
      get: () => {
        labelReads += 1;
        return { tenant: 'yes' };
      },
    },
  );
  const callers = Array.from({ length: keys }, (_, i) => caller(i, wishes(i)));
  const { config } = compile({
    resources: [credential, ...aliases, ...callers],
    secrets: {},
    namespaces,
    now: 0,
  });
  const lookUps = has.mock.callCount();
  has.mock.restore();
  const tables = Object.keys(config.access).length;
  return { lookUps, labelReads, tables, callers: Object.keys(config.callers).length };
}

test('who may use what is asked once for each namespace and alias, however many keys there are', (t) => {
  const { labelReads, callers } = work(t, KEYS, () => ['*']);
  assert.equal(callers, KEYS);
  assert.equal(labelReads, NAMESPACES * ALIASES);
});

test('a list of aliases that many keys have is worked out once for each namespace', (t) => {
  const { lookUps, tables } = work(t, KEYS, () => ['m1', 'm2', 'm3']);
  assert.ok(lookUps <= NAMESPACES * 4, `${lookUps} look-ups`);
  assert.equal(tables, 2, 'that of the list, and that of all that is visible');
});

test('keys that all have lists of their own cost what stands in the lists', (t) => {
  const { lookUps } = work(t, KEYS, (i) => [`m${i % ALIASES}`, `m${(i * 7 + 1) % ALIASES}`]);
  assert.ok(lookUps <= NAMESPACES + KEYS * 2, `${lookUps} look-ups`);
});
