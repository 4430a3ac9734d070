/** Something was to be written by a process that does not lead, or no longer. */
export class NotLeader extends Error {
  override readonly name = 'NotLeader';

  constructor() {
    super('this process does not lead: another one writes');
  }
}

/**
 * Whether this process leads, which is true until a deadline that only a renewal moves. The deadline lies so far
 * before the end of the Lease that what was sent before it is over when another process may take the Lease.
 */
export class Leadership {
  #deadline = -Infinity;

  /** @param deadline monotonic milliseconds */
  holdUntil(deadline: number): void {
    this.#deadline = deadline;
  }

  end(): void {
    this.#deadline = -Infinity;
  }

  get holds(): boolean {
    return performance.now() < this.#deadline;
  }

  /** @throws NotLeader */
  readonly require = (): void => {
    if (!this.holds) throw new NotLeader();
  };
}
