import type { Status } from '../core/compile/index.ts';
import type { Loaded } from './yaml/load.ts';
import type { Path } from './yaml/document.ts';
import type { Problem } from './yaml/problem.ts';

/** `Kind/namespace/name` of a status. */
export function resourceOf({ kind, namespace, name }: Status): string {
  return `${kind}/${namespace}/${name}`;
}

/** What compile holds against the resources, with the lines of the files; what was said already is left out. */
export function statusProblems(statuses: readonly Status[], { where, faulty }: Loaded): Problem[] {
  return statuses.flatMap((status) => {
    const resource = resourceOf(status);
    return status.conditions
      .filter(({ type, status: value }) => value === 'False' && type !== 'Ready')
      .filter(({ type }) => type !== 'Accepted' || !faulty.has(resource))
      .flatMap(({ reason, message }) => sentences(message).map((sentence) => ({ reason, ...sentence })))
      .map((sentence) => ({ resource, ...where(resource, pathOf(sentence.field ?? '')), ...sentence }));
  });
}

/** A message may hold several sentences; each begins with the field that it is about. */
function sentences(message: string): { field?: string; message: string }[] {
  return message.split(/; (?=(?:spec|metadata)\b)/).map((sentence) => {
    const [, field, rest] = /^((?:spec|metadata)[^:\s]*)(?::| (?=is\b)) *(.*)$/s.exec(sentence) ?? [];
    return field === undefined ? { message: sentence } : { field, message: rest! };
  });
}

/** @example pathOf('spec.targets[0].model') // ['spec', 'targets', 0, 'model'] */
function pathOf(field: string): Path {
  return [...field.matchAll(/\[(\d+)\]|\["([^"]*)"\]|([^.[\]]+)/g)].map(([, index, quoted, name]) =>
    index === undefined ? (quoted ?? name ?? '') : Number(index),
  );
}
