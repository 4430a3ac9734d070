import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../config/config.ts';
import { withRevision } from '../config/revision.ts';
import { explain } from './index.ts';

const PROVIDER_KEY = 'sk-provider-key';
const KEY_HASH = 'a'.repeat(64);
const NOW = Date.parse('2026-01-01T00:00:00Z');

function config(change: (draft: Omit<Config, 'revision'>) => void = () => undefined): Config {
  const draft: Omit<Config, 'revision'> = {
    version: 1,
    credentials: {
      'platform/main': {
        provider: 'P',
        baseURL: 'https://main.example/v1',
        keys: [PROVIDER_KEY],
        headers: { 'x-org': 'secret-org' },
        policies: ['platform/slow-provider'],
      },
      'platform/spare': { provider: 'P', keys: [] },
    },
    aliases: {
      'platform/chat': {
        name: 'chat',
        namespace: 'platform',
        createdAt: 0,
        targets: [
          { credential: 'platform/main', model: 'large', weight: 90, priority: 0 },
          { credential: 'platform/spare', model: 'small', weight: 10, priority: 0 },
          { credential: 'platform/spare', model: 'gone', weight: 0, priority: 1 },
          {
            credential: 'platform/spare',
            model: 'gold',
            weight: 1,
            priority: 1,
            when: { headers: { 'x-tier': 'gold' }, callerLabels: { team: 'shop' } },
          },
        ],
        routing: { strategy: 'S', whenAllUnhealthy: 'TryLeastBad' },
      },
      'platform/team': {
        name: 'team/*',
        namespace: 'platform',
        createdAt: 0,
        targets: [{ credential: 'platform/spare', model: 'org/*', weight: 1, priority: 0 }],
        routing: { strategy: 'S', whenAllUnhealthy: 'Fail' },
      },
      'other/hidden': {
        name: 'hidden',
        namespace: 'other',
        createdAt: 0,
        targets: [{ credential: 'platform/spare', model: 'm', weight: 1, priority: 0 }],
        routing: { strategy: 'S', whenAllUnhealthy: 'Fail' },
      },
    },
    access: {
      shop: [
        { match: 'chat', alias: 'platform/chat' },
        { match: 'team/*', alias: 'platform/team' },
      ],
      few: [{ match: 'team/*', alias: 'platform/team' }],
    },
    namespaces: { shop: { visible: 'shop' }, platform: { visible: 'shop', policies: ['platform/general'] } },
    callers: {
      'shop/web': {
        namespace: 'shop',
        name: 'web',
        keys: [{ sha256: KEY_HASH }],
        access: 'shop',
        labels: { team: 'shop' },
        attributes: { costCenter: '42' },
        policies: ['shop/own'],
      },
      'shop/few': { namespace: 'shop', name: 'few', keys: [{ sha256: 'b'.repeat(64) }], access: 'few' },
    },
    policies: {
      'platform/general': {
        namespace: 'platform',
        name: 'general',
        mode: 'Enforce',
        timeouts: { connect: 1_000, total: 9_000 },
        limits: [{ name: 'rpm', counts: 'Requests', max: 600, per: 'Minute', scope: 'CallerAndAlias' }],
      },
      'shop/own': {
        namespace: 'shop',
        name: 'own',
        mode: 'Enforce',
        timeouts: { connect: 2_000 },
        limits: [
          { name: 'per-user', counts: 'Requests', max: 5, per: 'Minute', scope: 'Header:X-User' },
          { name: 'at-target', counts: 'Concurrent', max: 2, scope: 'Target' },
        ],
      },
      'platform/slow-provider': {
        namespace: 'platform',
        name: 'slow-provider',
        mode: 'Enforce',
        timeouts: { total: 99_000 },
      },
    },
  };
  change(draft);
  return withRevision(draft);
}

const ask = (caller: string, model: string, headers = {}) =>
  explain(config(), { caller, model, headers, now: NOW });

const message = (explanation: ReturnType<typeof explain>): string =>
  explanation.outcome.allowed ? 'allowed' : `${explanation.outcome.code}: ${explanation.outcome.message}`;

test('an allowed request: tiers in order, shares of those that take it, what goes upstream', () => {
  const { outcome, caller, alias, tiers } = ask('web', 'chat');
  assert.deepEqual(outcome, { allowed: true });
  assert.deepEqual(caller, { id: 'shop/web', state: 'ok', attributes: { costCenter: '42' } });
  assert.equal(alias?.id, 'platform/chat');
  const seen = tiers.map(({ priority, targets }) => [
    priority,
    targets.map(({ model, share, state }) => [model, share, state]),
  ]);
  assert.deepEqual(seen, [
    [
      0,
      [
        ['large', 90, 'used'],
        ['small', 10, 'used'],
      ],
    ],
    [
      1,
      [
        ['gone', 0, 'drained'],
        ['gold', 0, 'condition not met'],
      ],
    ],
  ]);
});

test('conditions say which part of them the request meets', () => {
  const gold = (headers: object) =>
    ask('web', 'chat', headers).tiers[1]!.targets.find(({ model }) => model === 'gold')!;
  assert.deepEqual(gold({}).conditions, [
    { on: 'header', name: 'x-tier', wanted: 'gold', met: false },
    { on: 'caller label', name: 'team', wanted: 'shop', met: true },
  ]);
  assert.equal(gold({ 'X-Tier': 'gold' }).state, 'used');
});

test('policies from general to specific, each setting and limit with its source', () => {
  const { policies, settings, limits, tiers } = ask('web', 'chat', { 'x-user': 'ann' });
  assert.deepEqual(
    policies.map(({ id, level }) => [id, level]),
    [
      ['platform/general', 'namespace'],
      ['shop/own', 'caller'],
    ],
  );
  const setting = (path: string) => settings.find((s) => s.path === path);
  assert.deepEqual(setting('timeouts.connect'), {
    path: 'timeouts.connect',
    value: 2_000,
    policy: 'shop/own',
  });
  assert.equal(setting('timeouts.total')?.policy, 'platform/general');
  assert.equal(setting('timeouts.idle')?.policy, undefined);
  assert.deepEqual(
    limits.map(({ name, counter }) => [name, counter]),
    [
      ['rpm', 'shop/web platform/chat'],
      ['per-user', 'ann'],
    ],
  );
  const [large, small] = tiers[0]!.targets;
  assert.deepEqual(large!.settings, [
    { path: 'timeouts.total', value: 99_000, policy: 'platform/slow-provider' },
  ]);
  assert.deepEqual(small!.settings, []);
  assert.deepEqual(
    small!.limits.map(({ name, counter }) => [name, counter]),
    [['at-target', 'platform/spare/small']],
  );
});

test('a wildcard: what it stands for, and the model that goes upstream', () => {
  const { alias, tiers } = ask('shop/web', 'team/a/b');
  assert.equal(alias?.wildcard, 'a/b');
  assert.equal(tiers[0]!.targets[0]!.model, 'org/a/b');
});

test('refusals carry the code that the proxy would answer with, and a message for the operator', () => {
  assert.match(message(ask('shop/wbe', 'chat')), /invalid_api_key: .*did you mean "shop\/web"/);
  assert.match(message(ask('wbe', 'chat')), /did you mean "web"/);
  assert.match(message(ask('web', 'caht')), /model_not_found: .*did you mean "chat"/);
  assert.match(message(ask('web', 'hidden')), /model_not_found: ModelAlias other\/hidden has this name/);
  assert.match(
    message(ask('few', 'chat')),
    /permission_denied: .*shop\/few does not list ModelAlias platform\/chat/,
  );
});

test('a name that two namespaces have is not guessed', () => {
  const two = config(({ callers }) => {
    callers['other/web'] = { ...callers['shop/web']!, namespace: 'other' };
  });
  const { outcome } = explain(two, { caller: 'web', model: 'chat', now: NOW });
  assert.match(outcome.allowed ? '' : outcome.message, /say which of shop\/web, other\/web/);
});

test('disabled and expired callers are refused, and still explained', () => {
  const changed = (change: Partial<Config['callers'][string]>) =>
    explain(
      config(({ callers }) => void Object.assign(callers['shop/web']!, change)),
      { caller: 'web', model: 'chat', now: NOW },
    );
  assert.match(message(changed({ disabled: true })), /api_key_disabled/);
  assert.match(message(changed({ expiresAt: NOW })), /api_key_expired: .*2026-01-01T00:00:00.000Z/);
  assert.match(message(changed({ keys: [{ sha256: KEY_HASH, expiresAt: NOW - 1 }] })), /api_key_expired/);
  assert.match(message(changed({ keys: [] })), /invalid_api_key: .*no key yet/);
  assert.equal(changed({ disabled: true }).tiers.length, 2);
});

test('no target: drained, or for others', () => {
  const only = (target: object) =>
    message(
      explain(
        config(({ aliases }) => {
          const chat = aliases['platform/chat']!;
          aliases['platform/chat'] = { ...chat, targets: [{ ...chat.targets[0]!, ...target }] };
        }),
        { caller: 'web', model: 'chat', now: NOW },
      ),
    );
  assert.match(only({ weight: 0 }), /no_healthy_target/);
  assert.match(only({ when: { headers: { a: 'b' } } }), /no_matching_target/);
});

test('no key, hash or header of a credential is shown', () => {
  const text = JSON.stringify(ask('web', 'chat', { 'x-user': 'ann' }));
  for (const secret of [PROVIDER_KEY, KEY_HASH, 'secret-org']) assert.ok(!text.includes(secret));
});
