/** Something that somebody has to mend, and where. */
export interface Problem {
  file?: string;
  /** Both begin at 1. */
  line?: number;
  column?: number;
  /** `Kind/namespace/name`. */
  resource?: string;
  /** `spec.targets[0].model`. */
  field?: string;
  /** Why the resource is left out, or a reference does not hold: a reason of its status. */
  reason?: string;
  message: string;
}

/** One line: `file:line: Kind/namespace/name: field: message`. */
export function formatProblem({ file, line, resource, field, message }: Problem): string {
  const place = line === undefined ? file : `${file ?? ''}:${line}`;
  return [place, resource, field, message].filter((part) => part !== undefined && part !== '').join(': ');
}

/** File by file, from top to bottom. */
export function byPlace(a: Problem, b: Problem): number {
  const [x, y] = [a.file ?? '', b.file ?? ''];
  if (x !== y) return x < y ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0);
}
