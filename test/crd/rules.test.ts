import assert from 'node:assert/strict';
import test from 'node:test';
import { customResourceDefinition, type StructuralSchema } from '../../core/resources/crd.ts';
import { API_VERSION, KINDS } from '../../core/resources/kinds.ts';
import { parseResource } from '../../core/resources/parse.ts';
import { RULE_CASES, type RuleCase } from './rule-cases.ts';

const problemsOf = (kind: string, spec: object): string[] => {
  const parsed = parseResource(
    { apiVersion: API_VERSION, kind, metadata: { name: 'x' }, spec },
    { strict: true },
  );
  return parsed.ok ? [] : parsed.problems.map(({ message }) => message);
};

for (const { kind, message, accepted, refused } of RULE_CASES) {
  test(`${kind}: ${message}`, () => {
    assert.deepEqual(problemsOf(kind, accepted), []);
    const problems = problemsOf(kind, refused);
    assert.ok(
      problems.some((problem) => problem.startsWith(message)),
      problems.join('; '),
    );
  });
}

test('every CEL rule has a case', () => {
  const messages = KINDS.flatMap((definition) =>
    messagesIn(customResourceDefinition(definition).spec.versions[0]!.schema.openAPIV3Schema),
  );
  assert.ok(messages.length > RULE_CASES.length);
  const covered = ({ message }: RuleCase, of: string): boolean => of.startsWith(message);
  assert.deepEqual(
    messages.filter((message) => !RULE_CASES.some((entry) => covered(entry, message))),
    [],
  );
});

function messagesIn(schema: StructuralSchema): string[] {
  const own = (schema['x-kubernetes-validations'] ?? []) as { message: string }[];
  const { properties = {}, items, additionalProperties } = schema;
  const inner = [...Object.values(properties), items, additionalProperties].filter(
    (child) => child !== undefined,
  );
  return [...own.map(({ message }) => message), ...inner.flatMap(messagesIn)];
}
