import { leastBusy } from './least-busy.ts';
import type { Strategy } from './strategy.ts';
import { weighted } from './weighted.ts';

/** Every routing strategy; the keys are what a ModelAlias names. */
export const STRATEGIES: Readonly<Record<string, Strategy>> = {
  Weighted: weighted,
  LeastBusy: leastBusy,
};

/** Of an alias that names none. */
export const DEFAULT_STRATEGY = 'Weighted';
