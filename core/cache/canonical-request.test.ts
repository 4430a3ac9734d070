import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRequest } from '../dialects/openai/request.ts';
import { canonicalRequest } from './canonical-request.ts';

const canonical = (body: string, about: readonly unknown[] = []): string =>
  canonicalRequest(parseRequest(Buffer.from(body)), about).toString('latin1');

const fields = fc.dictionary(fc.stringMatching(/^x[a-z]{0,4}$/), fc.jsonValue());

test('order of fields, white space, model and stream make no difference', () => {
  fc.assert(
    fc.property(fields, fc.boolean(), (some, stream) => {
      const one = JSON.stringify({ model: 'a', stream, ...some });
      const backwards = Object.fromEntries(Object.entries(some).toReversed());
      const other = JSON.stringify({ ...backwards, model: 'b' }, undefined, ' ');
      assert.equal(canonical(one), canonical(other));
    }),
  );
});

test('different fields, or different circumstances, never have the same bytes', () => {
  fc.assert(
    fc.property(fields, fields, fc.string(), fc.string(), (some, others, here, there) => {
      const [a, b] = [some, others].map((body) => JSON.stringify({ model: 'a', ...body }));
      const same = canonical(a!, [here]) === canonical(b!, [there]);
      const sorted = (body: object): string => JSON.stringify(body, Object.keys(body).toSorted());
      assert.equal(same, sorted(some) === sorted(others) && here === there);
    }),
  );
});

test('a value cannot pass for the field behind it', () => {
  const raw = '{"model":"m","xa":"1\n\\"xb\\":1:2"}';
  assert.notEqual(canonical(raw), canonical('{"model":"m","xa":"1","xb":2}'));
});
