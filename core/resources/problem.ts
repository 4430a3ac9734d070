/** One mistake in a document. The message names the mend and never quotes what may be a secret. */
export interface Problem {
  /** From the root of the document: `['spec', 'targets', 0, 'model']`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What parsing a document comes to. */
export type Parsed<T> =
  | { readonly ok: true; readonly resource: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * A path the way people write it.
 * @example formatPath(['spec', 'targets', 0, 'model']) // 'spec.targets[0].model'
 */
export function formatPath(path: Problem['path']): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(step)) return `[${JSON.stringify(step.slice(0, 64))}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}
