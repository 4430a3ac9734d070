/** How the upstream answers: see upstream.ts. There is one alias for each, `chat-<mode>`. */
export const MODES = ['json', 'slow', 'stream', 'paced'] as const;
export type Mode = (typeof MODES)[number];

export const aliasOf = (mode: Mode): string => `chat-${mode}`;
export const upstreamModelOf = (mode: Mode): string => `upstream-${mode}`;

/** The key of the n-th caller. */
export function keyOf(n: number): string {
  return `mg-bench-${String(n).padStart(24, '0')}`;
}

/** A caller of the product whose limit is reached from the beginning. */
export const LIMITED_KEY = 'mg-bench-limited';
/** A caller of the product whose answers are given again. */
export const CACHED_KEY = 'mg-bench-cached';
/** Nobody's. */
export const UNKNOWN_KEY = 'mg-bench-unknown';
