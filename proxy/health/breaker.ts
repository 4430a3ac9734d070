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

  /**
   * The target has begun to answer: enough to trust it again after it was open. Only what was sent since then
   * counts: a target that asked to be left alone does rest, whatever it still answers to earlier requests.
   */
  answered(): void {
    if (!this.#probing) return;
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
  failure(now: number, settings: BreakerSettings, retryAfter = 0): void {
    if (this.#open) return this.#failedOpen(now, settings, retryAfter);
    if (this.#failures === 0 || now - this.#firstFailureAt > settings.window) {
      this.#failures = 0;
      this.#firstFailureAt = now;
    }
    this.#failures++;
    if (retryAfter > 0) this.#rest(now, settings, retryAfter);
    else if (this.#failures >= settings.failures) this.#rest(now, settings, settings.openFor);
  }

  /** Requests that were sent before it opened fail late, all together: that is old news, and makes no rest longer. */
  #failedOpen(now: number, settings: BreakerSettings, retryAfter: number): void {
    const halfOpen = now >= this.#openUntil;
    if (retryAfter > 0) this.#rest(now, settings, retryAfter);
    else if (this.#probing) this.#rest(now, settings, halfOpen ? this.#openFor * 2 : this.#openFor);
    this.#probing = false;
  }

  #rest(now: number, { maxOpenFor }: BreakerSettings, wanted: number): void {
    this.#openFor = Math.min(wanted, maxOpenFor);
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
