/** A place in a resource and what stands there. */
export interface PathValue {
  /** As a user writes it: `spec.limits[1].tokens`. */
  path: string;
  value: unknown;
}

/**
 * Every value that a resource has at a path; `[]` after a name goes through a list.
 * @example valuesAt({spec: {limits: [{}, {tokens: 5}]}}, 'spec.limits[].tokens') // spec.limits[1].tokens: 5
 */
export function valuesAt(resource: object, path: string): PathValue[] {
  let found: PathValue[] = [{ path: '', value: resource }];
  for (const step of path.split('.')) found = found.flatMap((at) => follow(at, step));
  return found;
}

function follow({ path, value }: PathValue, step: string): PathValue[] {
  const name = step.replace('[]', '');
  const next: unknown = (value as Record<string, unknown>)[name];
  if (next === undefined || next === null) return [];
  const at = path === '' ? name : `${path}.${name}`;
  if (!step.endsWith('[]')) return [{ path: at, value: next }];
  return (next as unknown[]).map((item, i) => ({ path: `${at}[${i}]`, value: item }));
}
