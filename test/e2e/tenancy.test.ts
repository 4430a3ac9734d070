import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { CommandResult } from '../cluster/index.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';
import { like } from '../upstream/script.ts';
import { eventually } from './eventually.ts';
import { namespace, readmeExample } from './gateway-yaml.ts';
import { KEY, MALLORY } from './mallory.ts';
import { NAMESPACE, Platform, type Proxy } from './platform.ts';
import { ask } from './traffic.ts';

/**
 * What a tenant may try to get at the keys, the traffic and the names of others. The platform team owns `platform`,
 * with the README's credential and alias; `shop` is an honest tenant; `mallory` may write whatever she likes in hers.
 */
let platform: Platform;
let proxy: Proxy;
/** Where mallory would like the platform's provider key to go. */
let trap: Upstream;

before(async () => {
  platform = await Platform.start();
  trap = await startUpstream();
  trap.reply(like());
  await platform.startOperator('operator-0');
  proxy = await platform.startProxy('proxy-0');
  const example = readmeExample(platform.upstream.url).replace('  allowedNamespaces: {from: All}', SHOP_ONLY);
  await platform.apply([namespace('kube-system'), example, MALLORY].join('\n---\n'));
  for (const [of, what] of [
    ['platform', 'malias/chat'],
    ['shop', 'ckey/shop'],
    ['mallory', 'ckey/mallory'],
  ] as const)
    await platform.kubectl('wait', '--for=condition=Ready', '--timeout=60s', '-n', of, what);
});
after(() => Promise.all([trap.stop(), platform.stop()]));

const SHOP_ONLY =
  '  allowedNamespaces: {from: Selector, selector: {matchLabels: {kubernetes.io/metadata.name: shop}}}';

/** As mallory, with all the rights that she has. */
function mallory(args: readonly string[], stdin?: string): Promise<CommandResult> {
  return platform.cluster.kubectl(['--as', 'system:serviceaccount:mallory:mallory', ...args], stdin);
}

/** Her manifest, which the API server takes. */
async function applied(kind: string, name: string, spec: object, metadata: object = {}): Promise<void> {
  const { code, stderr } = await offered(kind, name, spec, metadata);
  assert.equal(code, 0, stderr);
}

function offered(kind: string, name: string, spec: object, metadata: object = {}): Promise<CommandResult> {
  const apiVersion = 'modelgate.dev/v1alpha1';
  const object = { apiVersion, kind, metadata: { name, namespace: 'mallory', ...metadata }, spec };
  return mallory(['apply', '-f', '-'], JSON.stringify(object));
}

interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}

/** The condition that is False, once one is. */
async function trouble(what: string, of = 'mallory'): Promise<Condition> {
  const found = await eventually(
    async () => {
      const text = await platform.kubectl('get', what, '-n', of, '-o', 'json');
      const { status } = JSON.parse(text) as { status?: { conditions?: Condition[] } };
      return status?.conditions?.find(
        ({ type, status: is }) => ['Accepted', 'ResolvedRefs'].includes(type) && is === 'False',
      );
    },
    (seen) => seen !== undefined,
  );
  return found!;
}

async function answer(model: string, key = KEY): Promise<number> {
  return (await ask(proxy, key, model)).status;
}

async function shopKey(): Promise<string> {
  const data = await platform.kubectl(
    'get',
    'secret',
    'shop-modelgate',
    '-n',
    'shop',
    '-o',
    'jsonpath={.data.MODELGATE_API_KEY}',
  );
  return Buffer.from(data, 'base64').toString();
}

const target = (credentialRef: object): object => ({ targets: [{ credentialRef, model: 'gpt-5-mini' }] });

describe('the provider key of the platform', () => {
  test('is not for an alias of hers that names the credential', async () => {
    await applied('ModelAlias', 'stolen', target({ name: 'openai', namespace: 'platform' }));
    const { reason, message } = await trouble('malias/stolen');
    assert.equal(reason, 'RefNotPermitted');
    assert.ok(!message.includes(platform.upstream.url));
    await eventually(
      () => answer('stolen'),
      (status) => status === 503,
    );
  });

  test('and what she is told of one that exists is what she is told of one that does not', async () => {
    await applied('ModelAlias', 'there', target({ name: 'openai', namespace: 'platform' }));
    await applied('ModelAlias', 'nowhere', target({ name: 'gone', namespace: 'platform' }));
    const [there, nowhere] = [await trouble('malias/there'), await trouble('malias/nowhere')];
    assert.equal(there.message, nowhere.message.replaceAll('platform/gone', 'platform/openai'));
  });

  test('is not for an address of hers: a credential reads Secrets of its own namespace', async () => {
    const auth = { apiKey: { secretRef: { name: 'openai', key: 'apiKey' } } };
    const spec = { provider: 'OpenAICompatible', baseURL: trap.url, auth };
    await applied('ProviderCredential', 'mine', spec);
    await applied('ModelAlias', 'mine', target({ name: 'mine' }));
    assert.equal((await trouble('pcred/mine')).reason, 'SecretNotFound');
    await eventually(
      () => answer('mine'),
      (status) => status === 503,
    );

    const elsewhere = { apiKey: { secretRef: { name: 'openai', key: 'apiKey', namespace: 'platform' } } };
    const refused = await offered('ProviderCredential', 'mine', { ...spec, auth: elsewhere });
    assert.match(refused.stderr, /unknown field "spec.auth.apiKey.secretRef.namespace"/);
    assert.equal(trap.requests.length, 0);
  });

  test('is bound to its address: who may not write the credential cannot move it', async () => {
    const moved = JSON.stringify({ spec: { baseURL: trap.url } });
    const patched = await mallory([
      'patch',
      'pcred',
      'openai',
      '-n',
      'platform',
      '--type=merge',
      '-p',
      moved,
    ]);
    assert.match(patched.stderr, /Forbidden|forbidden/);
    const there = { ...target({ name: 'openai', namespace: 'platform' }), baseURL: trap.url };
    assert.match((await offered('ModelAlias', 'moved', there)).stderr, /unknown field "spec.baseURL"/);
    const inTarget = {
      targets: [{ credentialRef: { name: 'openai', namespace: 'platform' }, model: 'm', baseURL: trap.url }],
    };
    assert.match(
      (await offered('ModelAlias', 'moved', inTarget)).stderr,
      /unknown field "spec.targets\[0\].baseURL"/,
    );
  });

  test('is not reached by a name that is a path', async () => {
    const names = ['../platform/openai', '..', 'platform/openai', 'openai%2F..', 'openai?x', 'OPENAI'];
    for (const name of names) {
      const auth = { apiKey: { secretRef: { name, key: 'apiKey' } } };
      const credential = await offered('ProviderCredential', 'path', { provider: 'OpenAI', auth });
      assert.match(credential.stderr, /secretRef.name.*Invalid value|Invalid value/, name);
      const alias = await offered('ModelAlias', 'path', target({ name }));
      assert.match(alias.stderr, /Invalid value/, name);
      const key = await offered('CallerKey', 'path', { generate: { secretName: name } });
      assert.match(key.stderr, /Invalid value/, name);
    }
    for (const owner of ['../platform', 'platform/x', '']) {
      const alias = await offered('ModelAlias', 'path', target({ name: 'openai', namespace: owner }));
      assert.match(alias.stderr, /Invalid value/, owner);
    }
  });

  test('nor are the Secrets of the system or of the gateway itself', async () => {
    for (const owner of ['kube-system', NAMESPACE]) {
      await applied('ModelAlias', 'system', target({ name: 'modelgate-config', namespace: owner }));
      assert.equal((await trouble('malias/system')).reason, 'RefNotPermitted');
    }
  });

  test('is out of reach again within seconds when a grant is taken back', async () => {
    const grant = (from: string): Promise<string> =>
      platform.kubectl(
        'patch',
        'pcred',
        'openai',
        '-n',
        'platform',
        '--type=merge',
        '-p',
        JSON.stringify({ spec: { allowedNamespaces: { from } } }),
      );
    await grant('All');
    await eventually(
      () => answer('stolen'),
      (status) => status === 200,
    );
    await grant('Same');
    await eventually(
      () => answer('stolen'),
      (status) => status === 503,
      5_000,
    );
  });
});

describe('the aliases and keys of others', () => {
  test('an alias that is not granted is not there', async () => {
    assert.equal(await answer('chat'), 404);
    const pinned = { sha256: 'f'.repeat(64), aliasRefs: [{ name: 'chat', namespace: 'platform' }] };
    await applied('CallerKey', 'pinned', pinned);
    assert.equal((await trouble('ckey/pinned')).reason, 'RefNotPermitted');
  });

  test('labels on her objects open nothing: a grant goes by the labels of namespaces, which are not hers', async () => {
    const labelled = await mallory([
      'label',
      'namespace',
      'mallory',
      '--overwrite',
      'kubernetes.io/metadata.name=shop',
    ]);
    assert.notEqual(labelled.code, 0);
    const labels = { 'kubernetes.io/metadata.name': 'shop' };
    await applied('CallerKey', 'labelled', { sha256: 'e'.repeat(64), aliases: ['chat'] }, { labels });
    assert.equal((await trouble('ckey/labelled')).reason, 'AliasNotFound');
  });

  test('an alias of hers by their name, open to all, takes no request of theirs', async () => {
    const auth = { apiKey: { secretRef: { name: 'key', key: 'key' } } };
    await applied('ProviderCredential', 'trap', { provider: 'OpenAICompatible', baseURL: trap.url, auth });
    const open = { allowedNamespaces: { from: 'All' } };
    await applied('ModelAlias', 'chat', { ...target({ name: 'trap' }), ...open });
    await applied('ModelAlias', 'all', { alias: '*', ...target({ name: 'trap' }), ...open });
    for (const what of ['malias/chat', 'malias/all'])
      await platform.kubectl('wait', '--for=condition=Programmed', '--timeout=60s', '-n', 'mallory', what);
    const key = await shopKey();
    assert.equal(await answer('chat', key), 200);
    assert.equal(trap.requests.length, 0);
    assert.equal(await answer('chat'), 200);
    assert.equal(trap.requests.length, 1, 'her own are hers');
  });

  test('nor when the alias of theirs breaks: it answers that, and not hers', async () => {
    const key = await shopKey();
    const taken = trap.requests.length;
    const secretRef = (name: string): Promise<string> =>
      platform.kubectl(
        'patch',
        'pcred',
        'openai',
        '-n',
        'platform',
        '--type=merge',
        '-p',
        JSON.stringify({ spec: { auth: { apiKey: { secretRef: { name } } } } }),
      );
    await secretRef('gone');
    await eventually(
      () => answer('chat', key),
      (status) => status === 503,
    );
    assert.equal(trap.requests.length, taken);
    await secretRef('openai');
    await eventually(
      () => answer('chat', key),
      (status) => status === 200,
    );
  });

  test('a policy of hers that names their alias, key or credential changes nothing', async () => {
    const refs = [
      { kind: 'ModelAlias', name: 'chat', namespace: 'platform' },
      { kind: 'CallerKey', name: 'shop', namespace: 'shop' },
      { kind: 'ProviderCredential', name: 'openai', namespace: 'platform' },
    ];
    for (const [i, ref] of refs.entries()) {
      const limits = [{ name: 'one', requests: 1, per: 'Day' }];
      await applied('TrafficPolicy', `block-${i}`, { targetRefs: [ref], limits });
      assert.equal((await trouble(`tpol/block-${i}`)).reason, 'TargetNotFound', ref.kind);
    }
    const key = await shopKey();
    for (let n = 0; n < 3; n++) assert.equal(await answer('chat', key), 200);
  });

  test('the hash of their key is theirs: the older keeps it', async () => {
    const key = await shopKey();
    const sha256 = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(key))).toString('hex');
    await applied('CallerKey', 'taken', { sha256, aliases: ['*'] });
    const { reason, message } = await trouble('ckey/taken');
    assert.equal(reason, 'Conflicted');
    assert.ok(!message.includes('shop'), 'whose it is is nobody’s business');
    assert.equal(await answer('chat', key), 200);
  });

  test('a ServiceAccount of theirs cannot be named', async () => {
    const named = await offered('CallerKey', 'sa', {
      serviceAccounts: [{ name: 'default', namespace: 'shop' }],
    });
    assert.match(named.stderr, /unknown field "spec.serviceAccounts\[0\].namespace"/);
  });
});

describe('Secrets that are written for her', () => {
  const data = async (name: string): Promise<string> =>
    platform.kubectl('get', 'secret', name, '-n', 'mallory', '-o', 'jsonpath={.data}');

  test('do not replace one that is there, whatever it says of itself', async () => {
    const labels = { 'modelgate.dev/caller-key': 'grab', 'app.kubernetes.io/managed-by': 'modelgate' };
    const annotations = {
      'modelgate.dev/rotated-at': '2020-01-01T00:00:00Z',
      'modelgate.dev/previous-keys': `[{"sha256":"${'d'.repeat(64)}","expiresAt":"2999-01-01T00:00:00Z"}]`,
    };
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'grabbed', namespace: 'mallory', labels, annotations },
      stringData: { password: 'p' },
    };
    assert.equal((await mallory(['apply', '-f', '-'], JSON.stringify(secret))).code, 0);
    const untouched = await data('grabbed');
    await applied('CallerKey', 'grab', {
      generate: { secretName: 'grabbed', rotation: { every: '1s', overlap: '0s' } },
    });
    assert.equal((await trouble('ckey/grab')).reason, 'SecretNotOwned');
    await mallory(['annotate', 'ckey', 'grab', '-n', 'mallory', 'modelgate.dev/rotate=now']);
    await eventually(
      () =>
        platform.kubectl(
          'get',
          'ckey',
          'grab',
          '-n',
          'mallory',
          '-o',
          'jsonpath={.metadata.annotations.modelgate\\.dev/rotate}',
        ),
      (seen) => seen.startsWith('20'),
    );
    assert.equal(await data('grabbed'), untouched);
  });

  test('do not stand elsewhere', async () => {
    const there = { generate: { secretName: 'made', namespace: 'shop' } };
    assert.match(
      (await offered('CallerKey', 'there', there)).stderr,
      /unknown field "spec.generate.namespace"/,
    );
    const { code, stderr } = await mallory(
      ['apply', '-f', '-'],
      `{apiVersion: modelgate.dev/v1alpha1, kind: CallerKey, metadata: {name: x, namespace: shop}, spec: {generate: {secretName: shop-modelgate}}}`,
    );
    assert.notEqual(code, 0);
    assert.match(stderr, /forbidden/);
  });
});

describe('the gateway itself', () => {
  test('takes no configuration and no acknowledgement from another namespace', async () => {
    const labels = {
      'modelgate.dev/config': 'manifest',
      'app.kubernetes.io/name': 'modelgate',
      'app.kubernetes.io/component': 'proxy',
    };
    const forged = [
      {
        apiVersion: 'v1',
        kind: 'Secret',
        type: 'modelgate.dev/config',
        metadata: { name: 'modelgate-config', namespace: 'mallory', labels },
        stringData: { 'manifest.json': '{}' },
      },
      {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: {
          name: 'modelgate-proxy-forged',
          namespace: 'mallory',
          labels,
          annotations: { 'modelgate.dev/revision': 'forged' },
        },
        spec: { holderIdentity: 'forged', leaseDurationSeconds: 3600 },
      },
    ];
    for (const object of forged)
      assert.equal((await mallory(['apply', '-f', '-'], JSON.stringify(object))).code, 0);
    await applied('ModelAlias', 'after', target({ name: 'trap' }));
    await platform.kubectl(
      'wait',
      '--for=condition=Programmed',
      '--timeout=60s',
      '-n',
      'mallory',
      'malias/after',
    );
    const ready = await platform.kubectl(
      'get',
      'malias',
      'after',
      '-n',
      'mallory',
      '-o',
      'jsonpath={.status.proxies.ready}',
    );
    assert.equal(ready, '1');
  });

  test('says nothing of all this that is secret', async () => {
    const kinds = 'malias,pcred,ckey,tpol,events.events.k8s.io,leases';
    const objects = await platform.kubectl('get', kinds, '-A', '-o', 'json');
    for (const text of [objects, platform.logs()])
      for (const secret of [KEY, await shopKey(), 'not-a-real-key']) assert.ok(!text.includes(secret));
  });
});
