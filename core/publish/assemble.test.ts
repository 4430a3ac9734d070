import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { withRevision } from '../config/revision.ts';
import type { Config } from '../config/config.ts';
import { assemble } from './assemble.ts';
import { digestOf, parseManifest, type Manifest } from './manifest.ts';
import { PublishError } from './publish-error.ts';
import { publish, type Published } from './publish.ts';
import { packShard, shardName } from './shard.ts';
import { hash } from 'node:crypto';

const SECRET = 'provider-key-that-nobody-may-see';

const config: Config = withRevision({
  version: 1,
  credentials: { 'a/x': { provider: 'Mock', keys: [SECRET] } },
  aliases: {},
  access: {},
  namespaces: { a: { visible: 'none' } },
  callers: {},
  policies: {},
});

/** A publication that is right but for what its one shard holds. */
function publishedText(json: string): Published {
  const digest = hash('sha256', json, 'hex');
  const name = shardName(0, digest);
  const { revision } = config;
  const manifest: Manifest = { version: 1, revision, sha256: digestOf(revision, [digest]), shards: [name] };
  return { manifest, shards: new Map([[name, packShard(json)]]) };
}

/** The one shard of `config`, changed. */
function tampered(change: (bytes: Buffer) => Buffer): Published {
  const { manifest, shards } = publish(config);
  return { manifest, shards: new Map([...shards].map(([name, bytes]) => [name, change(bytes)])) };
}

const refused: Record<string, [Published, RegExp]> = {
  'a missing shard': [{ ...publish(config), shards: new Map() }, /^modelgate-config-0-\w{16} is missing$/],
  'a shard with other content': [
    tampered((bytes) => gzipSync(gunzipSync(bytes).toString().replace('Mock', 'Mocc'))),
    /does not hold what its name says/,
  ],
  'a shard that is cut off': [tampered((bytes) => bytes.subarray(0, -9)), /cannot be unpacked/],
  'a shard that is not packed': [tampered(() => Buffer.from('{}')), /cannot be unpacked/],
  'another sha256': [
    { ...publish(config), manifest: { ...publish(config).manifest, sha256: '0'.repeat(64) } },
    /its sha256 differs/,
  ],
  'another revision': [
    { ...publish(config), manifest: { ...publish(config).manifest, revision: 'made-up' } },
    /its sha256 differs/,
  ],
  'a shard that is left out': [
    { ...publish(config), manifest: { ...publish(config).manifest, shards: [] } },
    /its sha256 differs/,
  ],
  'a version of the configuration that is not known': [
    publishedText('{"version":2}'),
    /has version 2; this program reads 1/,
  ],
  'no version': [publishedText('{}'), /has version undefined/],
  'a field that is not known': [
    publishedText(`{"version":1,"credentials":{"a/x":{"provider":"Mock","keys":["${SECRET}"],"new":1}}}`),
    /malformed(.|\n)*new/,
  ],
  'a value of the wrong type': [
    publishedText(`{"version":1,"credentials":{"a/x":{"provider":"Mock","keys":"${SECRET}"}}}`),
    /malformed(.|\n)*a\/x/,
  ],
  'text that is not JSON': [publishedText(`{"version":1,"${SECRET}`), /is not JSON$/],
};

for (const [what, [{ manifest, shards }, message]] of Object.entries(refused)) {
  test(`${what} is refused, and no value is told`, () => {
    assert.throws(
      () => assemble(manifest, shards),
      (error) =>
        error instanceof PublishError && message.test(error.message) && !error.message.includes(SECRET),
    );
  });
}

test('a manifest is read back', () => {
  const { manifest } = publish(config);
  assert.deepEqual(parseManifest(JSON.stringify(manifest)), manifest);
});

for (const [what, json, message] of [
  ['of another version', '{"version":2,"parts":[]}', /has version 2; this program reads 1/],
  ['that is null', 'null', /has version undefined/],
  ['that is not JSON', '{', /not JSON/],
  [
    'whose shard is named like a path',
    '{"version":1,"revision":"r","sha256":"x","shards":["../../secrets/x"]}',
    /malformed(.|\n)*shards\[0\]/,
  ],
  ['without shards', '{"version":1,"revision":"r","sha256":"x"}', /malformed(.|\n)*shards/],
] as const) {
  test(`a manifest ${what} is refused`, () => {
    assert.throws(() => parseManifest(json), { name: 'PublishError', message });
  });
}
