import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import fc from 'fast-check';
import { structuralSchema } from '../../core/resources/crd.ts';
import { API_VERSION, type Kind, KINDS } from '../../core/resources/kinds.ts';
import { parseResource } from '../../core/resources/parse.ts';
import type { Problem } from '../../core/resources/problem.ts';
import { readFolder } from '../crd/read-folder.ts';
import { RULE_CASES } from '../crd/rule-cases.ts';
import { type Cluster, installCrds, refusal, startCluster } from './index.ts';
import { nearlyRight } from './spec-arbitrary.ts';

// `validate` and `serve` read with the parser, the cluster with the schema that is made from it: whatever the one
// accepts, the other does.

const RUNS = 600;

let cluster: Cluster;
before(async () => {
  cluster = await startCluster();
  await installCrds(cluster);
});
after(() => cluster.stop());

for (const { kind, plural, spec } of KINDS)
  test(`parser and API server accept the same ${plural}`, () =>
    fc.assert(
      fc.asyncProperty(nearlyRight(structuralSchema(spec), seedsOf(kind)), (value) => agree(kind, value)),
      { numRuns: RUNS },
    ));

async function agree(kind: Kind, spec: object): Promise<void> {
  const resource = { apiVersion: API_VERSION, kind, metadata: { name: 'x' }, spec };
  const parsed = parseResource(resource, { strict: true });
  const problems = parsed.ok ? [] : parsed.problems;
  const refused = await refusal(cluster, resource);
  if (refused === undefined) assert.deepEqual(problems.filter(isForBoth), []);
  else assert.ok(problems.length > 0, `only the API server refuses it: ${refused}`);
}

/** What the API server cannot check within its cost budget is left to the parser: the names in maps. */
const isForBoth = ({ message }: Problem): boolean => !/^this name |: remove them from headers$/.test(message);

/** Specs of a kind that are right, from all over the repository. */
function seedsOf(kind: Kind): object[] {
  const files = ['examples', 'test/crd/valid', 'test/compile/valid'].flatMap(readFolder);
  const resources = files.flatMap((file) => file.resources).filter((resource) => resource.kind === kind);
  const cases = RULE_CASES.filter((entry) => entry.kind === kind);
  return [...resources.map(({ spec }) => spec), ...cases.map(({ accepted }) => accepted)];
}
