import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compile, type Input } from '../../core/compile/index.ts';
import { Config } from '../../core/config/config.ts';
import { anySpoilt, anyWorld, SECRET_MARKERS } from './worlds.ts';

const shuffled = (world: Input): fc.Arbitrary<Input> =>
  fc.tuple(shuffle(world.resources), shuffle(Object.entries(world.secrets))).map(([resources, secrets]) => ({
    ...world,
    resources,
    secrets: Object.fromEntries(secrets),
  }));

function shuffle<T>(list: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length });
}

test('the same world in any order gives the same bytes', () => {
  const pair = anyWorld.chain((world) => fc.tuple(fc.constant(world), shuffled(world)));
  fc.assert(
    fc.property(pair, ([world, other]) => {
      assert.equal(JSON.stringify(compile(other)), JSON.stringify(compile(world)));
    }),
    { numRuns: 500 },
  );
});

test('the time changes statuses, never the configuration', () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      assert.deepEqual(compile({ ...world, now: 1e15 }).config, compile(world).config);
    }),
  );
});

test('what an earlier configuration already had is taken from it, and nothing else', () => {
  fc.assert(
    fc.property(anyWorld, anyWorld, (world, earlier) => {
      const before = compile(earlier).config;
      const { config } = compile({ ...world, before });
      assert.deepEqual(config, compile(world).config);
      for (const [id, entry] of Object.entries(compile({ ...world, before: config }).config.callers))
        assert.equal(entry, config.callers[id], id);
    }),
  );
});

test('a resource with a mistake leaves the entries of all others as they are', () => {
  fc.assert(
    fc.property(anyWorld, anySpoilt, (world, spoilt) => {
      const without = compile(world).config;
      const { config } = compile({ ...world, resources: [...world.resources, spoilt] });
      for (const part of ['credentials', 'aliases', 'access', 'namespaces', 'callers', 'policies'] as const)
        for (const [id, entry] of Object.entries(without[part]))
          assert.deepEqual(config[part][id], entry, `${part} ${id}`);
    }),
    { numRuns: 500 },
  );
});

test('every resource gets one status, and the configuration keeps the contract and leads nowhere wrong', () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      const { config, statuses } = compile(world);
      assert.equal(statuses.length, world.resources.length);
      assert.deepEqual(Config.parse(config), config);
      assert.deepEqual(danglingReferences(config), []);
    }),
    { numRuns: 300 },
  );
});

test('an alias of a namespace is granted to nobody whom it does not let in', () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      const closed = world.resources.filter((r) => !JSON.stringify(r)?.includes('allowedNamespaces'));
      const { config } = compile({ ...world, resources: closed });
      for (const { namespace, access } of Object.values(config.callers))
        for (const { alias } of config.access[access]!)
          assert.equal(config.aliases[alias]!.namespace, namespace);
    }),
  );
});

test('no value of a Secret is in a status, nor in the configuration but for the keys of providers', () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      const { config, statuses } = compile(world);
      const credentials = Object.values(config.credentials).map((entry) => ({ ...entry, keys: [] }));
      const open = JSON.stringify([statuses, { ...config, credentials }]);
      for (const marker of SECRET_MARKERS) assert.ok(!open.includes(marker), marker);
    }),
    { numRuns: 500 },
  );
});

function danglingReferences(config: Config): string[] {
  const { aliases, credentials, callers, namespaces, access, policies } = config;
  const lists = [credentials, aliases, callers, namespaces].flatMap((part): { policies?: unknown }[] =>
    Object.values(part),
  );
  const named = {
    aliases: Object.values(access).flatMap((table) => table.map(({ alias }) => alias)),
    credentials: Object.values(aliases).flatMap(({ targets }) => targets.map((target) => target.credential)),
    access: [
      ...Object.values(callers).map((c) => c.access),
      ...Object.values(namespaces).map((n) => n.visible),
    ],
    policies: lists.flatMap((entry) => (entry.policies ?? []) as string[]),
  };
  const parts: Record<keyof typeof named, object> = { aliases, credentials, access, policies };
  return (Object.keys(named) as (keyof typeof named)[]).flatMap((part) =>
    named[part].filter((id) => !Object.hasOwn(parts[part], id)).map((id) => `${part} ${id}`),
  );
}
