import type { Lab, Server } from '../lab.ts';
import type { Sample } from '../measure.ts';

/** One server in one case: medians of its rounds. */
export interface Row extends Sample {
  case: string;
  server: Server['name'];
  /** CPU against the floor's and nginx's in the same rounds. */
  toFloor?: number;
  toNginx?: number;
}

/** Something that is to hold: the value must not be above the target. */
export interface Check {
  name: string;
  value: number;
  target: number;
  unit: '×' | 'ms' | 'MB';
  /** What the number alone does not say. */
  note?: string;
}

export interface Outcome {
  rows: readonly Row[];
  checks: readonly Check[];
}

export interface Case {
  name: string;
  about: string;
  run: (lab: Lab) => Promise<Outcome>;
}
