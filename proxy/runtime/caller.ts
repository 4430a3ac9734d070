import type { AccessTable } from '../../core/access/match.ts';
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
}
