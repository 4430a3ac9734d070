/** What a strategy may look at. */
export interface Choice {
  weight: number;
  /** As it is at the time; counted only for a strategy that asks with `countsLoad`. */
  load: { readonly inFlight: number };
}

/** Picks among the targets of one tier; it may remember, so that many picks together meet the weights. */
export interface Picker {
  /** Index of the picked target, or -1 when none is eligible. */
  pick(eligible: (index: number) => boolean): number;
}

export interface Strategy {
  /** Its pickers look at the load of the targets. */
  countsLoad?: boolean;
  picker(targets: readonly Choice[]): Picker;
}
