import assert from 'node:assert/strict';
import test from 'node:test';
import { parseResource } from '../../core/resources/parse.ts';
import { readFolder } from './read-folder.ts';

// What `validate` and `serve` say to each counter-example. What the API server says is in test/cluster.

for (const { path, header, resources } of readFolder('test/crd/invalid'))
  test(path, () => {
    assert.equal(resources.length, 1);
    const parsed = parseResource(resources[0], { strict: true });
    const problems = parsed.ok ? [] : parsed.problems;
    assert.deepEqual(
      problems.map((problem) => `${problem.path.join('.')}: ${problem.message}`),
      [(header as { parser: string }).parser],
    );
  });
