import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as yaml from 'js-yaml';
import { API_VERSION, type Kind, KINDS } from '../../core/resources/kinds.ts';

/** A document of one of the four kinds, right or wrong. */
export interface Document {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: object;
}

export interface DocumentFile {
  /** From the root of the repository. */
  readonly path: string;
  /** The first document, which in a counter-example says what is wrong with the others. */
  readonly header: unknown;
  /** Those of our kinds. */
  readonly resources: readonly Document[];
}

const ROOT = join(import.meta.dirname, '..', '..');

/** Every YAML file below a folder, which is given from the root of the repository. */
export function readFolder(folder: string): DocumentFile[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
    .map((file) => {
      const path = join(folder, file);
      const documents = yaml.loadAll(readFileSync(join(ROOT, path), 'utf8'));
      return { path, header: documents[0], resources: documents.filter(isOurs) };
    });
}

const isOurs = (document: unknown): document is Document => {
  const { apiVersion, kind } = (document ?? {}) as Partial<Document>;
  return apiVersion === API_VERSION && KINDS.some((known) => known.kind === kind);
};
