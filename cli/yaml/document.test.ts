import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDocuments, type Path } from './document.ts';

const TEXT = `# a comment
kind: A
metadata: {name: x, labels: {a: b}}
spec:
  targets:
    - credentialRef: {name: q}
      model: m
    - model: n
  empty:
---
base: &base
  x: 1
other:
  <<: *base
  y: *base
---
{"kind": "J", "spec": {"a": [1, 2]}}
`;

function read(text: string) {
  const result = readDocuments(text);
  assert.ok(result.ok);
  return result.documents;
}

test('every document is read, JSON too, with anchors and merge keys', () => {
  const [, second, third] = read(TEXT).map(({ value }) => value);
  assert.deepEqual(second, { base: { x: 1 }, other: { x: 1, y: { x: 1 } } });
  assert.deepEqual(third, { kind: 'J', spec: { a: [1, 2] } });
});

test('a member stands where its key does; what is not there, where it would belong', () => {
  const [first, second, third] = read(TEXT);
  const place = (document: typeof first, path: Path) => {
    const { line, column } = document!.at(path);
    return `${line}:${column}`;
  };
  assert.equal(place(first, []), '2:1');
  assert.equal(place(first, ['metadata', 'labels', 'a']), '3:30');
  assert.equal(place(first, ['spec', 'targets', 0, 'model']), '7:7');
  assert.equal(place(first, ['spec', 'targets', 1, 'credentialRef']), '8:7');
  assert.equal(place(first, ['spec', 'empty']), '9:3');
  assert.equal(place(second, ['other', 'x']), '13:1');
  assert.equal(place(third, ['spec', 'a', 1]), '17:33');
});

test('empty documents keep their place', () => {
  const documents = read('---\n---\na: 1\n---\n');
  assert.deepEqual(
    documents.map(({ value }) => value),
    [null, { a: 1 }, null],
  );
  assert.equal(documents[1]!.at(['a']).line, 3);
  assert.deepEqual(read('# nothing\n'), []);
});

test('a mistake in the syntax says where it is, and quotes nothing that may be a secret', () => {
  const cases: [string, RegExp, number][] = [
    ['a: [1\nb: 2', /indentation/, 2],
    ['a: 1\na: 2', /duplicated mapping key/, 2],
    ['a:\n\t- b', /tab characters/, 2],
    ['stringData:\n  key: *hunter2', /unidentified alias$/, 2],
    ['stringData:\n  key: !hunter2 x', /unknown scalar tag$/, 2],
  ];
  for (const [text, message, line] of cases) {
    const result = readDocuments(text);
    assert.ok(!result.ok, text);
    assert.match(result.message, message);
    assert.equal(result.position.line, line, text);
    assert.ok(!result.message.includes('hunter2'));
  }
});
