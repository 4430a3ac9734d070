const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Expanded {
  value: string;
  /** Variables that are not set and have no default; where they stand, nothing is. */
  missing: string[];
}

/**
 * Fills in `${NAME}` and `${NAME:-default}`. As in a shell, `:-` also stands in for an empty variable.
 * @example expand('Bearer ${TOKEN:-none}', {}) // { value: 'Bearer none', missing: [] }
 */
export function expand(text: string, environment: Environment): Expanded {
  const missing: string[] = [];
  const value = text.replace(REFERENCE, (_, name: string, fallback: string | undefined) => {
    const set = environment[name];
    if (fallback !== undefined) return set || fallback;
    if (set === undefined) missing.push(name);
    return set ?? '';
  });
  return { value, missing };
}
