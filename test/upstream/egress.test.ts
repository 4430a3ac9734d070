import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { ask, until } from '../feature/ask.ts';
import { testConfig } from '../gateway/config.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { compile } from '../../core/compile/index.ts';
import type { EgressRule } from '../../core/net/egress.ts';
import { LOOPBACK, SPELLINGS, type Spelling } from './spellings.ts';
import { like, redirect } from './script.ts';
import { startUpstream, type Upstream } from './upstream.ts';

const credential = (baseURL: string): object => ({
  apiVersion: 'modelgate.dev/v1alpha1',
  kind: 'ProviderCredential',
  metadata: { name: 'up', namespace: 'team' },
  spec: { provider: 'OpenAICompatible', baseURL },
});

function compiled(baseURL: string, egress: EgressRule | undefined): ReturnType<typeof compile> {
  return compile({ resources: [credential(baseURL)], secrets: {}, namespaces: {}, now: 0, egress });
}

/** Reason and message of what keeps the credential out; undefined: nothing does. */
function refusal(baseURL: string, egress: EgressRule | undefined): [string, string] | undefined {
  const { config, statuses } = compiled(baseURL, egress);
  const accepted = statuses[0]!.conditions.find(({ type }) => type === 'Accepted')!;
  assert.equal(config.credentials['team/up'] === undefined, accepted.status === 'False');
  return accepted.status === 'False' ? [accepted.reason, accepted.message] : undefined;
}

test('there are at least 60 spellings, each of them a URL', () => {
  assert.ok(new Set(SPELLINGS.map(({ host }) => host)).size >= 60);
  for (const { host } of SPELLINGS) assert.ok(URL.canParse(`http://${host}/v1`), host);
});

describe('when the resource is read', () => {
  const { means, host } = LOOPBACK[4]!;

  test('every spelling is refused, with its reason and its mend', () => {
    for (const { host: written } of SPELLINGS)
      for (const scheme of ['http', 'https']) {
        const [reason, message] = refusal(`${scheme}://${written}/v1`, undefined) ?? [];
        assert.equal(reason, 'AddressDenied', written);
        assert.match(message!, /^spec\.baseURL: \S+ is .+: give /, written);
      }
  });

  test('the message shows what a disguised address is', () => {
    const [, message] = refusal(`http://${host}/v1`, undefined)!;
    assert.equal(
      message,
      `spec.baseURL: ${means} is an address of the gateway's own machine: give a public one, or start modelgate with --allow-private-upstreams`,
    );
  });

  test('where private addresses are allowed, the rest is refused all the same', () => {
    for (const { host: written, never } of SPELLINGS) {
      const [reason] = refusal(`http://${written}/v1`, { allowPrivate: true }) ?? [];
      assert.equal(reason, never ? 'AddressDenied' : undefined, written);
    }
  });

  test('denied ranges win over what is allowed, in every form of their addresses', () => {
    const rule = { allowPrivate: true, deniedCIDRs: ['127.0.0.0/8', '10.96.0.0/12', '2001:4860::/32'] };
    for (const { host: written } of LOOPBACK) assert.ok(refusal(`http://${written}/v1`, rule), written);
    const [, message] = refusal('https://10.100.0.1/v1', rule)!;
    assert.match(message, /10\.100\.0\.1 is in 10\.96\.0\.0\/12, which --denied-cidrs excludes/);
    assert.ok(refusal('https://[2001:4860::8888]/v1', rule));
    assert.equal(refusal('https://10.0.0.1/v1', rule), undefined);
    assert.equal(refusal('https://[2001:4861::8888]/v1', rule), undefined);
  });

  test('public addresses and names pass', () => {
    const hosts = [
      'api.openai.com',
      '8.8.8.8',
      '134744072',
      '[2606:4700::1111]',
      '[64:ff9b::8.8.8.8]',
      'x.local',
    ];
    for (const public_ of hosts)
      assert.equal(refusal(`https://${public_}/v1`, undefined), undefined, public_);
  });

  test('the rule goes with the credential to the proxies', () => {
    const egress = { allowPrivate: true, deniedCIDRs: ['10.0.0.0/8'] };
    assert.deepEqual(compiled('https://a.example/v1', egress).config.credentials['team/up']!.egress, egress);
    assert.equal(
      compiled('https://a.example/v1', undefined).config.credentials['team/up']!.egress,
      undefined,
    );
  });
});

describe('when the proxy connects', () => {
  let gateway: TestGateway;
  let up: Upstream;
  let canary: Server;
  let connections = 0;
  let denied = 0;
  before(async () => {
    up = await startUpstream();
    canary = createServer((socket) => {
      connections++;
      socket.destroy();
    }).listen(0, '::');
    await once(canary, 'listening');
    gateway = await startGateway(testConfig({ upstream: up.url }));
  });
  after(async () => {
    await gateway.stop();
    canary.close();
    await up.stop();
  });

  /** A config that says so, whoever wrote it. */
  const use = (baseURL: string, egress: { allowPrivate: boolean; deniedCIDRs: string[] } | undefined) =>
    gateway.use(
      testConfig({
        upstream: baseURL,
        change: (content) => {
          const { egress: _, ...rest } = content.credentials['team/up']!;
          return { ...content, credentials: { 'team/up': { ...rest, ...(egress && { egress }) } } };
        },
      }),
    );

  const asTold = async ({ host }: Spelling, egress: Parameters<typeof use>[1]): Promise<void> => {
    const { port } = canary.address() as AddressInfo;
    await use(`http://${host}:${port}/v1`, egress);
    const answer = await ask(gateway);
    const body = await answer.text();
    assert.equal(answer.status, 502, `${host}: ${body}`);
    assert.equal((JSON.parse(body) as { error: { code: string } }).error.code, 'upstream_address_denied');
    assert.doesNotMatch(body, /\d+\.\d+|::|localhost|metadata|svc/, host);
    assert.equal(answer.headers.get('x-modelgate-attempts'), '1', host);
    assert.equal(answer.headers.get('x-should-retry'), 'false', host);
    denied++;
  };

  test('no spelling gets a connection, and the caller learns no address', async () => {
    for (const spelling of SPELLINGS) await asTold(spelling, undefined);
    assert.equal(connections, 0);
  });

  test('where private addresses are allowed, the rest gets none all the same', async () => {
    const egress = { allowPrivate: true, deniedCIDRs: [] };
    for (const spelling of SPELLINGS.filter(({ never }) => never)) await asTold(spelling, egress);
    assert.equal(connections, 0);
  });

  test('denied ranges get none', async () => {
    const egress = { allowPrivate: true, deniedCIDRs: ['127.0.0.0/8'] };
    for (const spelling of LOOPBACK) await asTold(spelling, egress);
    assert.equal(connections, 0);
  });

  test('each is in the access log, with its reason', async () => {
    const reasons = (): string[] => gateway.logs().filter((line) => line.includes('"AddressDenied"'));
    await until(reasons, (lines) => lines.length >= denied);
    assert.equal(reasons().length, denied);
  });

  test('what is allowed is called, however it is spelled', async () => {
    for (const { host } of LOOPBACK) {
      await use(up.url.replace('127.0.0.1', host), { allowPrivate: true, deniedCIDRs: [] });
      const answer = await ask(gateway);
      assert.equal(answer.status, 200, `${host}: ${await answer.text()}`);
    }
  });

  test('another target takes over, and the metric has the reason', async () => {
    const targets = ['team/denied', 'team/up'].map((id, priority) => ({
      credential: id,
      model: 'gpt-5-mini',
      weight: 1,
      priority,
    }));
    const egress = { allowPrivate: true, deniedCIDRs: [] };
    const base = { provider: 'OpenAICompatible', keys: [], egress };
    await gateway.use(
      testConfig({
        upstream: up.url,
        targets,
        change: (content) => ({
          ...content,
          credentials: {
            ...content.credentials,
            'team/denied': { ...base, baseURL: 'http://169.254.169.254/v1' },
          },
        }),
      }),
    );
    const answer = await ask(gateway);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('x-modelgate-attempts'), '2');
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    assert.match(metrics, /AddressDenied/);
  });

  test('a redirect to such an address is not followed', async () => {
    const { port } = canary.address() as AddressInfo;
    await use(up.url, { allowPrivate: true, deniedCIDRs: [] });
    for (const location of [`http://127.0.0.1:${port}/`, 'http://169.254.169.254/latest/meta-data/']) {
      up.reply(redirect(location));
      const answer = await ask(gateway);
      assert.equal(answer.status, 502);
      assert.doesNotMatch(await answer.text(), /127\.0|169\.254/);
    }
    up.reply(like());
    assert.equal(connections, 0);
  });
});
