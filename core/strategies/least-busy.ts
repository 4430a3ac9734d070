import type { Strategy } from './strategy.ts';

/** The target with the fewest requests in flight; of several, the one listed first. */
export const leastBusy: Strategy = {
  countsLoad: true,
  picker: (targets) => ({
    pick(eligible) {
      let best = -1;
      let fewest = Infinity;
      targets.forEach(({ load }, i) => {
        if (load.inFlight >= fewest || !eligible(i)) return;
        best = i;
        fewest = load.inFlight;
      });
      return best;
    },
  }),
};
