import type { Settings } from '../../core/policy/effective.ts';

type BreakerSettings = Settings['circuitBreaker'];

/**
 * Keeps requests away from a target that fails. Closed: all pass. Open: none, until a deadline. Then half open: one
 * request at a time tries, and its end closes the breaker or opens it for twice as long.
 * Failures count while no success comes between, so that a busy target with a few errors stays in use.
 */
export class Breaker {
  #failures = 0;
  #firstFailureAt = 0;
  #openUntil = 0;
  #openFor = 0;
  #probing = false;

  /** Whether a request may be sent now. `now` is in milliseconds, on one clock. */
  available(now: number): boolean {
    return !this.#open || (now >= this.#openUntil && !this.#probing);
  }

  /** A request is being sent. */
  enter(): void {
    if (this.#open) this.#probing = true;
  }

  /** The target has begun to answer: enough to trust it again after it was open. */
  answered(): void {
    if (!this.#open) return;
    this.#openUntil = 0;
    this.#openFor = 0;
    this.#failures = 0;
    this.#probing = false;
  }

  success(): void {
    this.answered();
    this.#failures = 0;
  }

  /** @param retryAfter what the target asked for in milliseconds: it is left alone for that long at once */
  failure(now: number, settings: BreakerSettings, retryAfter?: number): void {
    if (this.#failures === 0 || now - this.#firstFailureAt > settings.window) {
      this.#failures = 0;
      this.#firstFailureAt = now;
    }
    this.#failures++;
    const failedProbe = this.#open;
    this.#probing = false;
    if (retryAfter === undefined && !failedProbe && this.#failures < settings.failures) return;
    const grown = Math.min(this.#openFor * 2 || settings.openFor, settings.maxOpenFor);
    this.#openFor = retryAfter === undefined ? grown : Math.min(retryAfter, settings.maxOpenFor);
    this.#openUntil = Math.max(this.#openUntil, now + this.#openFor);
  }

  /** The request ended without telling anything about the target: its caller left. */
  abandoned(): void {
    this.#probing = false;
  }

  /** When the next request may be sent; 0 while closed. */
  get openUntil(): number {
    return this.#openUntil;
  }

  get state(): 'Closed' | 'Open' {
    return this.#open ? 'Open' : 'Closed';
  }

  get #open(): boolean {
    return this.#openUntil > 0;
  }
}
