import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import type { Config } from '../../core/config/config.ts';
import { withRevision } from '../../core/config/revision.ts';
import { assemble } from '../../core/publish/assemble.ts';
import { parseManifest } from '../../core/publish/manifest.ts';
import { MANIFEST_KEY, MANIFEST_NAME, SHARD_KEY } from '../../core/publish/names.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/object.ts';
import { Publisher } from './publisher.ts';

const NAMESPACE = 'modelgate';

const config = (mark: string): Config =>
  withRevision({
    version: 1,
    credentials: { 'a/x': { provider: 'Mock', keys: [mark] } },
    aliases: {},
    access: {},
    namespaces: {},
    callers: {},
    policies: {},
  });

/** The Secrets of one namespace, as the API server keeps them, and what was done to them. */
class Secrets {
  readonly all = new Map<string, KubeObject>();
  readonly done: string[] = [];
  /** The next write of this name fails. */
  fails: string | undefined;
  #version = 0;

  async get(_resource: unknown, { name }: { name: string }): Promise<KubeObject> {
    const secret = this.all.get(name);
    if (secret === undefined) throw new ApiError('GET', 404, { reason: 'NotFound' });
    return secret;
  }

  async list(): Promise<{ metadata: object; items: KubeObject[] }> {
    const items = [...this.all.values()].filter(({ metadata }) => metadata.name !== MANIFEST_NAME);
    return { metadata: {}, items };
  }

  async create(_resource: unknown, secret: KubeObject): Promise<KubeObject> {
    if (this.all.has(secret.metadata.name)) throw new ApiError('POST', 409, { reason: 'AlreadyExists' });
    return this.#write('create', secret);
  }

  async update(_resource: unknown, secret: KubeObject): Promise<KubeObject> {
    const current = this.all.get(secret.metadata.name)?.metadata.resourceVersion;
    if (secret.metadata.resourceVersion !== current) throw new ApiError('PUT', 409, { reason: 'Conflict' });
    return this.#write('update', secret);
  }

  async remove(_resource: unknown, { name }: { name: string }): Promise<void> {
    this.done.push(`remove ${name}`);
    this.all.delete(name);
  }

  #write(verb: string, secret: KubeObject): KubeObject {
    const { name } = secret.metadata;
    if (this.fails !== undefined && name.startsWith(this.fails)) {
      this.fails = undefined;
      throw new ApiError(verb, 503, { reason: 'ServiceUnavailable' });
    }
    this.#version += 1;
    const metadata = { ...secret.metadata, resourceVersion: String(this.#version) };
    this.all.set(name, { ...secret, metadata });
    this.done.push(`${verb} ${name}`);
    return this.all.get(name)!;
  }

  /** What a proxy would load. */
  loaded(): Config {
    const of = (name: string, key: string): Buffer =>
      Buffer.from((this.all.get(name)!['data'] as Record<string, string>)[key]!, 'base64');
    const manifest = parseManifest(of(MANIFEST_NAME, MANIFEST_KEY).toString());
    return assemble(manifest, new Map(manifest.shards.map((name) => [name, of(name, SHARD_KEY)])));
  }
}

function publisherOf(secrets: Secrets): Publisher {
  return new Publisher(secrets as unknown as KubeClient, NAMESPACE, pino({ level: 'silent' }));
}

test('shards come first, the manifest switches last', async () => {
  const secrets = new Secrets();
  assert.equal(await publisherOf(secrets).publish(config('one')), true);
  assert.equal(secrets.done.length, 2);
  assert.match(secrets.done[0]!, /^create modelgate-config-0-/);
  assert.equal(secrets.done[1], `create ${MANIFEST_NAME}`);
  assert.deepEqual(secrets.loaded(), config('one'));
  const [shard] = secrets.all.values();
  assert.partialDeepStrictEqual(shard, { immutable: true, type: 'modelgate.dev/config' });
});

test('what is published already is not written, by whomever it was', async () => {
  const secrets = new Secrets();
  await publisherOf(secrets).publish(config('one'));
  const other = publisherOf(secrets);
  assert.equal(await other.resume(), config('one').revision);
  assert.equal(await other.publish(config('one')), false);
  assert.equal(secrets.done.length, 2);
});

test('shards of the manifest before stay, older ones go', async () => {
  const secrets = new Secrets();
  const publisher = publisherOf(secrets);
  for (const mark of ['one', 'two', 'three']) await publisher.publish(config(mark));
  assert.equal(secrets.all.size, 3, 'the manifest and two shards');
  assert.deepEqual(secrets.loaded(), config('three'));
  const removed = secrets.done.at(-1);
  assert.equal(removed, secrets.done[0]!.replace('create', 'remove'));
});

test('an edit that is taken back finds its shard, and the switch is all that is written', async () => {
  const secrets = new Secrets();
  const publisher = publisherOf(secrets);
  for (const mark of ['one', 'two', 'one']) await publisher.publish(config(mark));
  assert.equal(secrets.done.length, 5);
  assert.equal(secrets.done.at(-1), `update ${MANIFEST_NAME}`);
  assert.deepEqual(secrets.loaded(), config('one'));
});

for (const fails of [MANIFEST_NAME, 'modelgate-config-0']) {
  test(`when ${fails} cannot be written, what was published stays, and the next time goes on`, async () => {
    const secrets = new Secrets();
    const publisher = publisherOf(secrets);
    await publisher.publish(config('one'));
    secrets.fails = fails;
    await assert.rejects(publisher.publish(config('two')), { code: 503 });
    assert.deepEqual(secrets.loaded(), config('one'));
    assert.equal(await publisher.publish(config('two')), true);
    assert.deepEqual(secrets.loaded(), config('two'));
  });
}

test('when another process has published in between, nothing of it is overwritten unseen', async () => {
  const secrets = new Secrets();
  const [one, two] = [publisherOf(secrets), publisherOf(secrets)];
  await one.publish(config('one'));
  await two.resume();
  await one.publish(config('newer'));
  await assert.rejects(two.publish(config('older')), { code: 409 });
  assert.deepEqual(secrets.loaded(), config('newer'));
});

test('a manifest that cannot be read is replaced', async () => {
  const secrets = new Secrets();
  const publisher = publisherOf(secrets);
  await publisher.publish(config('one'));
  const manifest = secrets.all.get(MANIFEST_NAME)!;
  secrets.all.set(MANIFEST_NAME, { ...manifest, data: { [MANIFEST_KEY]: 'bm8ganNvbg==' } });
  const other = publisherOf(secrets);
  assert.equal(await other.resume(), undefined);
  assert.equal(await other.publish(config('one')), true);
  assert.deepEqual(secrets.loaded(), config('one'));
});
