/** What the commands end with; scripts rely on it. */
export const EXIT = {
  ok: 0,
  /** Problems were found, the request would be refused, or the gateway could not start. */
  problems: 1,
  /** The command line itself is wrong. */
  usage: 2,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
