import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { API_VERSION } from '../../core/resources/kinds.ts';
import { parseResource } from '../../core/resources/parse.ts';
import { type Document, readFolder } from '../crd/read-folder.ts';
import { RULE_CASES } from '../crd/rule-cases.ts';
import { type Cluster, installCrds, refusal, startCluster } from './index.ts';

// What the API server says to every example and counter-example in this repository.

let cluster: Cluster;
const namespaces = new Set<string>(['default']);
before(async () => {
  cluster = await startCluster();
  await installCrds(cluster);
});
after(() => cluster.stop());

/** As `refusal`, in a namespace that exists. */
async function verdict(resource: Document): Promise<string | undefined> {
  const { namespace = 'default' } = resource.metadata;
  if (!namespaces.has(namespace)) {
    namespaces.add(namespace);
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    await cluster.api('/api/v1/namespaces', { method: 'POST', body });
  }
  return refusal(cluster, resource);
}

describe('what is valid is accepted', () => {
  for (const folder of ['examples', 'test/crd/valid', 'test/compile/valid', 'scripts/generate'])
    for (const { path, resources } of readFolder(folder))
      test(path, async () => {
        for (const resource of resources) assert.equal(await verdict(resource), undefined, nameOf(resource));
      });
});

describe('what is wrong in itself is refused, with what to mend', () => {
  for (const { path, header, resources } of readFolder('test/crd/invalid'))
    test(path, async () => {
      const { server } = header as { server: string };
      assert.equal(resources.length, 1);
      const message = await verdict(resources[0]!);
      assert.ok(message?.includes(server), String(message));
    });
});

describe('what is well-formed is accepted, whatever its status will say, and nothing else', () => {
  for (const { path, resources } of readFolder('test/compile/invalid'))
    test(path, async () => {
      for (const resource of resources) {
        const parsed = parseResource(resource, { strict: true });
        const message = await verdict(resource);
        assert.equal(message === undefined, parsed.ok, `${nameOf(resource)}: ${message}`);
      }
    });
});

describe('a rule across fields is kept', () => {
  for (const { kind, message, accepted, refused } of RULE_CASES)
    test(`${kind}: ${message}`, async () => {
      const resource = (spec: object): Document => ({
        apiVersion: API_VERSION,
        kind,
        metadata: { name: 'x' },
        spec,
      });
      assert.equal(await verdict(resource(accepted)), undefined);
      const answer = await verdict(resource(refused));
      assert.ok(answer?.includes(message), String(answer));
    });
});

const nameOf = ({ kind, metadata }: Document): string => `${kind} ${metadata.name}`;
