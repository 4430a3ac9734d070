import * as z from 'zod';
import { clusterMetadata, metadata } from './metadata.ts';
import { type ParseOptions, parseDocument } from './parse.ts';
import type { Parsed } from './problem.ts';

/** A Kubernetes Secret with its values decoded. `stringData` has been laid over `data`. */
export interface Secret {
  apiVersion: 'v1';
  kind: 'Secret';
  metadata: z.output<typeof metadata>;
  data: Readonly<Record<string, string>>;
}

/** A Kubernetes Namespace; only its labels matter here. */
export interface Namespace {
  apiVersion: 'v1';
  kind: 'Namespace';
  metadata: z.output<typeof clusterMetadata>;
}

const base64 = z.string().regex(z.regexes.base64, { error: 'must be base64: use stringData for plain text' });

const secretDocument = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('Secret'),
  metadata,
  type: z.string().optional(),
  immutable: z.boolean().optional(),
  data: z.record(z.string(), base64).optional(),
  stringData: z.record(z.string(), z.string()).optional(),
});

const namespaceDocument = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('Namespace'),
  metadata: clusterMetadata,
  spec: z.unknown().optional(),
  status: z.unknown().optional(),
});

/** Whether a document is of the two Kubernetes kinds that are read beside our own. */
export function isCoreV1(input: unknown): input is { apiVersion: 'v1'; kind: 'Secret' | 'Namespace' } {
  const { apiVersion, kind } = (input ?? {}) as { apiVersion?: unknown; kind?: unknown };
  return apiVersion === 'v1' && (kind === 'Secret' || kind === 'Namespace');
}

/** A Secret, as of https://kubernetes.io/docs/concepts/configuration/secret/. No message quotes its values. */
export function parseSecret(input: unknown, options: ParseOptions): Parsed<Secret> {
  const parsed = parseDocument(secretDocument, input, options);
  if (!parsed.ok) return parsed;
  const { metadata: named, data = {}, stringData = {} } = parsed.resource;
  const decoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
  return {
    ok: true,
    resource: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: named,
      data: Object.fromEntries([...decoded, ...Object.entries(stringData)]),
    },
  };
}

/** A Namespace, whose labels `allowedNamespaces.selector` is matched with. */
export function parseNamespace(input: unknown, options: ParseOptions): Parsed<Namespace> {
  const parsed = parseDocument(namespaceDocument, input, options);
  if (!parsed.ok) return parsed;
  return { ok: true, resource: { apiVersion: 'v1', kind: 'Namespace', metadata: parsed.resource.metadata } };
}
