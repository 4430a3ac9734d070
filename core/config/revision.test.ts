import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from './canonical.ts';
import type { Config } from './config.ts';
import { withRevision } from './revision.ts';

const id = fc.string().map((name) => `team/${name}`);
const section = fc.dictionary(id, fc.jsonValue());

test('the revision is the hash of the canonical JSON of everything else', () => {
  const content = fc.record({
    version: fc.constant(1),
    callers: section,
    aliases: section,
    b: fc.jsonValue(),
  });
  fc.assert(
    fc.property(content, (any) => {
      const { revision } = withRevision(any as unknown as Config);
      assert.equal(revision, hash('sha256', canonicalJson(any), 'hex').slice(0, 16));
    }),
    { examples: [[{ version: 1, callers: {}, aliases: {}, b: { '0': false, '': '' } }]] },
  );
});
