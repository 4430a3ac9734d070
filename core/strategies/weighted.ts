import type { Choice, Picker, Strategy } from './strategy.ts';

/**
 * Smooth weighted round-robin, as nginx does it: over any run of requests each target gets its share, and no
 * target gets a burst. https://github.com/nginx/nginx/commit/52327e0627f49dbda1e8db695e63a4b0af4448b1
 */
export const weighted: Strategy = {
  picker: (targets) => new SmoothWeighted(targets),
};

class SmoothWeighted implements Picker {
  readonly #targets: readonly Choice[];
  readonly #credit: number[];

  constructor(targets: readonly Choice[]) {
    this.#targets = targets;
    this.#credit = targets.map(() => 0);
  }

  pick(eligible: (index: number) => boolean): number {
    let best = -1;
    let total = 0;
    this.#targets.forEach(({ weight }, i) => {
      if (!eligible(i)) return;
      total += weight;
      this.#credit[i]! += weight;
      if (best < 0 || this.#credit[i]! > this.#credit[best]!) best = i;
    });
    if (best >= 0) this.#credit[best]! -= total;
    return best;
  }
}
