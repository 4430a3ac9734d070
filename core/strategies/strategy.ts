/** What a strategy may look at. */
export interface Choice {
  weight: number;
}

/** Picks among the targets of one tier; it may remember, so that many picks together meet the weights. */
export interface Picker {
  /** Index of the picked target, or -1 when none is eligible. */
  pick(eligible: (index: number) => boolean): number;
}

export interface Strategy {
  picker(targets: readonly Choice[]): Picker;
}
