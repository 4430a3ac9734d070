import { canonicalJson } from '../config/canonical.ts';
import type { Resource } from '../resources/kinds.ts';
import { formatPath, type Problem as ParseProblem } from '../resources/problem.ts';
import { refuse, type Draft } from './draft.ts';
import { readResource, type Readable, type Reader } from './reader.ts';
import type { Subject } from './statuses.ts';

/** Reads the resources, refuses what is wrong in itself, and lets the rest into the world, oldest first. */
export function intake(draft: Draft): void {
  const { resources, read: reader = readResource } = draft.input;
  const readable = resources.flatMap((input) => read(draft, input, reader));
  for (const one of readable.toSorted(oldestFirst)) admit(draft, one);
}

function read(draft: Draft, input: unknown, reader: Reader): Readable[] {
  const result = reader(input, draft.egress);
  if (result.ok) return [result];
  const subject = subjectOf(input);
  const entry = {};
  draft.statuses.open(entry, subject);
  draft.statuses.refuse(entry, { reason: 'Invalid', message: result.problems.map(sentence).join('; ') });
  draft.refused.add(`${subject.kind}/${subject.namespace}/${subject.name}`);
  return [];
}

function admit(draft: Draft, { resource, id, fault }: Readable): void {
  const world = draft.world[resource.kind] as Map<string, Resource>;
  draft.statuses.open(resource, subjectOf(resource));
  if (world.has(id)) {
    const message = `metadata.name: there is another ${resource.kind} "${id}": remove one of them`;
    draft.statuses.refuse(resource, { reason: 'Conflicted', message });
    return;
  }
  if (fault) refuse(draft, resource, fault);
  else world.set(id, resource);
}

/** Of equally old objects the one whose id comes first counts as older. */
function oldestFirst(a: Readable, b: Readable): number {
  return a.createdAt - b.createdAt || compare(a.id, b.id) || byContent(a.resource, b.resource);
}

/** For two objects of one kind and name, which only files can hold: any order but that of the input. */
function byContent(a: Resource, b: Resource): number {
  return compare(a.kind, b.kind) || compare(canonicalJson(a), canonicalJson(b));
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function sentence({ path, message }: ParseProblem): string {
  return path.length === 0 ? message : `${formatPath(path)}: ${message}`;
}

/** As much of an identity as the object has: it may be anything. */
function subjectOf(input: unknown): Subject {
  const { kind, metadata } = membersOf(input);
  const { namespace, name, generation } = membersOf(metadata);
  return {
    kind: textOr(kind, ''),
    namespace: textOr(namespace, 'default'),
    name: textOr(name, ''),
    ...(typeof generation === 'number' && { generation }),
  };
}

function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
