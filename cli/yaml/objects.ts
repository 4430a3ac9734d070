import { API_VERSION, GROUP, KINDS } from '../../core/resources/kinds.ts';
import { isCoreV1 } from '../../core/resources/core-v1.ts';
import { readDocuments, type Path, type Position } from './document.ts';
import type { SourceFile } from './files.ts';
import type { Problem } from './problem.ts';

/** One object of a file, and where its members stand. */
export interface FileObject {
  value: unknown;
  file: string;
  at: (path: Path) => Position;
}

/** The objects in a file; those inside a list one by one. */
export function objectsOf({ file, text }: SourceFile): { objects: FileObject[]; problems: Problem[] } {
  const read = readDocuments(text);
  if (!read.ok) return { objects: [], problems: [{ file, ...read.position, message: read.message }] };
  const objects = read.documents
    .filter(({ value }) => value !== null && value !== undefined)
    .flatMap(({ value, at }) => expandList({ value, file, at }));
  return { objects, problems: [] };
}

function expandList(object: FileObject): FileObject[] {
  const { kind, items } = (object.value ?? {}) as { kind?: unknown; items?: unknown };
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [object];
  return items.map((value: unknown, i) => ({
    value,
    file: object.file,
    at: (path: Path) => object.at(['items', i, ...path]),
  }));
}

/** A whole object of somebody else's kind, as folders of manifests hold them: it is passed over. */
export function isForeign(value: unknown): boolean {
  const { apiVersion, kind } = (value ?? {}) as { apiVersion?: unknown; kind?: unknown };
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || isCoreV1(value)) return false;
  if (apiVersion === API_VERSION || apiVersion.startsWith(`${GROUP}/`)) return false;
  return !KINDS.some((known) => known.kind === kind);
}
