import type { AccessTable } from '../../core/access/match.ts';
import type { Demand } from '../limits/memory.ts';
import type { Plan } from './plan.ts';
import type { Caller as CallerConfig } from '../../core/config/config.ts';

/** A caller made ready; built when it first calls. */
export interface Caller {
  id: string;
  config: CallerConfig;
  /** What it may call. */
  access: AccessTable;
  /** What it may know of. */
  visible: AccessTable;
  /** By the id of the alias. */
  plans: Map<string, Plan>;
  /** What the limits of a plan ask of this caller's requests, by the id of the alias. */
  demands: Map<string, readonly Demand[]>;
}
