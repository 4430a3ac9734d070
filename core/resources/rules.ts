import * as z from 'zod';

/**
 * One thing that must hold across the fields of a value, said once for both readers: the API server evaluates
 * `rule` (CEL, with the value as `self`), the parser runs `check`. `rule` is left out where CEL's cost budget
 * does not afford it or where the API server has its own means (`x-kubernetes-list-type`, `maxProperties`).
 */
export interface Rule<T> {
  readonly rule?: string;
  /** Names the field and the mend; never quotes the value, which may be a secret in the wrong place. */
  readonly message: string;
  /** The member that the problem is reported at, as CEL's `fieldPath` writes it: `.baseURL`. */
  readonly fieldPath?: string;
  readonly check: (value: T) => boolean;
}

const book = z.registry<{ rules: readonly Rule<never>[] }>();

/**
 * The same schema, with rules that its values keep. Call it outermost, before `.optional()`.
 * @example ruled(z.object({ min: z.int().optional(), max: z.int().optional() }), { rule: 'self.min <= self.max', … })
 */
export function ruled<S extends z.ZodType>(schema: S, ...rules: readonly Rule<z.output<S>>[]): S {
  const kept = schema.clone(undefined, { parent: true });
  book.add(kept, { rules: [...rulesOf(schema), ...rules] });
  return kept;
}

/** The rules of a schema, in the order they were declared. */
export function rulesOf(schema: z.core.$ZodType): readonly Rule<never>[] {
  return book.get(schema)?.rules ?? [];
}
