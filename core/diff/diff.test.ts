import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alias, Caller, Config, Credential, Policy } from '../config/config.ts';
import { withRevision } from '../config/revision.ts';
import { diff } from './index.ts';

type Draft = {
  credentials: Record<string, Credential>;
  aliases: Record<string, Alias>;
  access: Record<string, { match: string; alias: string }[]>;
  callers: Record<string, Caller>;
  policies: Record<string, Policy>;
};

const OLD_KEY = 'sk-old-provider-key';
const NEW_KEY = 'sk-new-provider-key';

const alias = (name: string): Alias => ({
  name,
  namespace: 'platform',
  createdAt: 0,
  targets: [{ credential: 'platform/main', model: 'large', weight: 1, priority: 0 }],
  routing: { strategy: 'S', whenAllUnhealthy: 'TryLeastBad' },
});

const caller = (name: string, sha256: string, access = 'all'): Caller => ({
  namespace: 'shop',
  name,
  keys: [{ sha256 }],
  access,
});

/** A small world, and the same after a change: what `diff` says about it. */
function changes(change: (draft: Draft) => void) {
  const draft = (): Draft => ({
    credentials: {
      'platform/main': { provider: 'P', keys: [OLD_KEY], baseURL: 'https://a.example', headers: { a: 'b' } },
    },
    aliases: { 'platform/chat': alias('chat'), 'platform/team': alias('team/*') },
    access: {
      all: [
        { match: 'chat', alias: 'platform/chat' },
        { match: 'team/a*', alias: 'platform/team' },
      ],
    },
    callers: { 'shop/web': caller('web', 'a'.repeat(64)), 'shop/app': caller('app', 'b'.repeat(64)) },
    policies: {
      'shop/p': {
        namespace: 'shop',
        name: 'p',
        mode: 'Enforce',
        limits: [{ name: 'rpm', counts: 'Requests', max: 600, per: 'Minute', scope: 'Caller' }],
        timeouts: { connect: 1_000 },
      },
    },
  });
  const finish = (content: Draft): Config =>
    withRevision({ version: 1, namespaces: { shop: { visible: 'all', policies: ['shop/p'] } }, ...content });
  const after = draft();
  change(after);
  return diff(finish(draft()), finish(after));
}

const summary = (change: (draft: Draft) => void) =>
  changes(change).map(({ kind, text, breaking }) => `${breaking ? '! ' : ''}${kind}: ${text}`);

test('nothing changed, nothing said', () => {
  assert.deepEqual(
    summary(() => undefined),
    [],
  );
});

test('a removed alias, and who loses it', () => {
  assert.deepEqual(
    summary(({ aliases }) => delete aliases['platform/chat']),
    [
      '! AliasRemoved: ModelAlias platform/chat ("chat") is removed',
      '! AccessLost: CallerKey shop/app, shop/web: may no longer call chat',
    ],
  );
});

test('a rerouted alias shows its targets before and after', () => {
  const [change] = changes(({ aliases }) => {
    const chat = aliases['platform/chat']!;
    aliases['platform/chat'] = { ...chat, targets: [{ ...chat.targets[0]!, model: 'small', weight: 3 }] };
  });
  assert.equal(change?.kind, 'AliasRerouted');
  assert.equal(change.breaking, false);
  assert.deepEqual(change.details, [
    '- large at platform/main, priority 0, weight 1',
    '+ small at platform/main, priority 0, weight 3',
  ]);
});

test('access is compared by what it covers, not by how it is written', () => {
  const wider = summary(({ access }) => (access['all'] = [{ match: '*', alias: 'platform/team' }]));
  assert.deepEqual(wider, ['AccessGained: CallerKey shop/app, shop/web: may now call *']);
});

test('a grant that leads to another alias is said, per caller that it concerns', () => {
  assert.deepEqual(
    summary(({ access, callers }) => {
      access['other'] = [...access['all']!.slice(1), { match: 'chat', alias: 'platform/team' }];
      callers['shop/web'] = { ...callers['shop/web']!, access: 'other' };
    }),
    ['AccessRerouted: CallerKey shop/web: "chat" is ModelAlias platform/team now'],
  );
});

test('callers: removed, added, disabled, with another key, expiring earlier', () => {
  assert.deepEqual(
    summary(({ callers }) => {
      delete callers['shop/app'];
      callers['shop/new'] = caller('new', 'c'.repeat(64));
      callers['shop/web'] = { ...caller('web', 'd'.repeat(64)), disabled: true, expiresAt: 0 };
    }),
    [
      '! CallerRemoved: CallerKey shop/app is removed',
      'CallerAdded: CallerKey shop/new is added',
      '! CallerDisabled: CallerKey shop/web is disabled',
      '! CallerKeyRemoved: CallerKey shop/web no longer accepts its old key',
      'CallerKeyAdded: CallerKey shop/web accepts a new key',
      '! CallerExpiryChanged: CallerKey shop/web expires at 1970-01-01T00:00:00.000Z instead of never',
    ],
  );
});

const policy = (change: Partial<Policy>) =>
  summary(({ policies }) => (policies['shop/p'] = { ...policies['shop/p']!, ...change }));

const limit = { name: 'rpm', counts: 'Requests', max: 600, per: 'Minute', scope: 'Caller' } as const;

test('limits: tightened breaks, loosened does not', () => {
  assert.deepEqual(policy({ limits: [{ ...limit, max: 60 }] }), [
    '! LimitTightened: limit "rpm" of TrafficPolicy shop/p is tightened: 600 requests per Minute for each Caller → 60 requests per Minute for each Caller',
  ]);
  assert.match(policy({ limits: [{ ...limit, max: 601 }] })[0]!, /^LimitLoosened/);
  assert.match(policy({ limits: [{ ...limit, max: 10, per: 'Second' }] })[0]!, /^! LimitTightened/);
  assert.match(policy({ limits: [{ ...limit, max: 36_000, per: 'Hour' }] })[0]!, /^LimitLoosened/);
  assert.match(policy({ limits: [{ ...limit, scope: 'Alias' }] })[0]!, /^! LimitTightened/);
  assert.match(policy({ limits: [] })[0]!, /^LimitLoosened: .* is lifted/);
});

test('a policy that only watches from now on lifts its limits and settings', () => {
  assert.deepEqual(policy({ mode: 'Monitor' }), [
    'LimitLoosened: limit "rpm" of TrafficPolicy shop/p is lifted: it was 600 requests per Minute for each Caller',
    'SettingChanged: timeouts.connect of TrafficPolicy shop/p: 1s → not set',
  ]);
});

test('a smaller body limit breaks, another timeout does not', () => {
  assert.match(policy({ request: { maxBodyBytes: 10 } })[0]!, /^! SettingChanged: request.maxBodyBytes/);
  assert.match(policy({ timeouts: { connect: 5 } })[0]!, /^SettingChanged: timeouts.connect .*1s → 5ms/);
});

test('a policy with limits that reaches further breaks', () => {
  assert.deepEqual(
    summary(({ callers }) => (callers['shop/web'] = { ...callers['shop/web']!, policies: ['shop/p'] })),
    ['! PolicyReachChanged: TrafficPolicy shop/p now also holds for CallerKey shop/web'],
  );
});

test('a new policy for a new caller breaks nothing', () => {
  const limits = (callers: string[]) =>
    summary((draft) => {
      draft.policies['shop/q'] = { ...draft.policies['shop/p']!, name: 'q' };
      draft.callers['shop/new'] = caller('new', 'c'.repeat(64));
      for (const id of callers) {
        draft.callers[id] = { ...draft.callers[id]!, policies: ['shop/q'] };
      }
    }).filter((line) => line.includes('LimitTightened'));
  assert.match(limits(['shop/new'])[0]!, /^LimitTightened/);
  assert.match(limits(['shop/new', 'shop/web'])[0]!, /^! LimitTightened/);
});

test('a credential that changed is named by its fields, never with their values', () => {
  const change = ({ credentials }: Draft) =>
    (credentials['platform/main'] = {
      provider: 'P',
      keys: [NEW_KEY],
      baseURL: 'https://a.example',
      headers: { a: 'secret-header' },
    });
  assert.deepEqual(summary(change), [
    'CredentialChanged: key of ProviderCredential platform/main changed',
    'CredentialChanged: headers of ProviderCredential platform/main changed',
  ]);
  const text = JSON.stringify(changes(change));
  for (const secret of [OLD_KEY, NEW_KEY, 'secret-header']) assert.ok(!text.includes(secret));
});
