import * as z from 'zod';
import { brokenRules } from './check-rules.ts';
import { explainIssue } from './explain-issue.ts';
import { API_VERSION, KINDS, type Resource } from './kinds.ts';
import { metadata } from './metadata.ts';
import { hint } from './nearest.ts';
import type { Parsed, Problem } from './problem.ts';
import { prune, unknownFields } from './prune.ts';
import { nodeOf } from './schema-node.ts';

export interface ParseOptions {
  /** Report members that the schema does not know; without it they are dropped, as the API server does. */
  readonly strict: boolean;
}

const DOCUMENTS: Readonly<Record<string, z.ZodType<Resource>>> = Object.fromEntries(
  KINDS.map(({ kind, spec }) => {
    const document = z.object({
      apiVersion: z.literal(API_VERSION),
      kind: z.literal(kind),
      metadata,
      spec,
      status: z.unknown().optional(),
    });
    return [kind, document as unknown as z.ZodType<Resource>];
  }),
);

/**
 * One of the four kinds from what YAML or the API server gave. All problems are reported at once; `status` is
 * accepted and dropped. No namespace means `default`.
 */
export function parseResource(input: unknown, options: ParseOptions): Parsed<Resource> {
  const wrong = wrongHead(input);
  if (wrong !== undefined) return { ok: false, problems: [wrong] };
  const { kind, status: _, ...document } = input as { kind: string; status?: unknown };
  const schema = DOCUMENTS[kind];
  return schema === undefined
    ? { ok: false, problems: [unknownKind(kind)] }
    : parseDocument(schema, { kind, ...document }, options);
}

/** Parses with any document schema: prune, check the shape, then the rules across fields. */
export function parseDocument<T>(schema: z.ZodType<T>, input: unknown, { strict }: ParseOptions): Parsed<T> {
  const node = nodeOf(schema);
  const result = schema.safeParse(prune(node, input), { error: explainIssue });
  const problems = [
    ...(strict ? unknownFields(node, input) : []),
    ...(result.success ? brokenRules(node, result.data) : result.error.issues.map(toProblem)),
  ];
  return result.success && problems.length === 0
    ? { ok: true, resource: result.data }
    : { ok: false, problems };
}

const toProblem = ({ path, message }: z.core.$ZodIssue): Problem => ({
  path: path.filter((step) => typeof step !== 'symbol'),
  message,
});

function wrongHead(input: unknown): Problem | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return { path: [], message: 'must be a map with apiVersion, kind, metadata and spec' };
  const { apiVersion, kind } = input as { apiVersion?: unknown; kind?: unknown };
  if (typeof kind !== 'string')
    return { path: ['kind'], message: `is required: one of ${kindNames.join(', ')}` };
  if (DOCUMENTS[kind] === undefined) return unknownKind(kind);
  if (apiVersion !== API_VERSION) return { path: ['apiVersion'], message: `must be ${API_VERSION}` };
  return undefined;
}

const kindNames = KINDS.map(({ kind }) => kind);

const unknownKind = (typed: string): Problem => ({
  path: ['kind'],
  message: `unknown kind "${typed.slice(0, 64)}"${hint(typed, kindNames)}`,
});
