import { compile, type Secrets, type Status } from '../core/compile/index.ts';
import type { Config } from '../core/config/config.ts';
import { withStandIns } from './stand-in-secrets.ts';
import { statusProblems } from './status-problems.ts';
import { load, type Loaded } from './yaml/load.ts';
import type { Problem } from './yaml/problem.ts';

export interface Compiled {
  loaded: Loaded;
  config: Config;
  statuses: readonly Status[];
  /** What compile holds against the resources; mistakes in the files themselves are in `loaded.problems`. */
  findings: readonly Problem[];
}

/** Everything that is to be mended. */
export function allProblems({ loaded, findings }: Compiled): Problem[] {
  return [...loaded.problems, ...findings];
}

/** @param secrets of the files and from elsewhere */
export function compileLoaded(loaded: Loaded, secrets: Secrets, now: number): Compiled {
  const { resources, namespaces } = loaded;
  const { config, statuses } = compile({ resources, secrets, namespaces, now });
  return { loaded, config, statuses, findings: statusProblems(statuses, loaded) };
}

export interface OfflineOptions {
  /** Take Secrets and variables that are not there as if they were. */
  assumeSecrets: boolean;
  now?: number;
}

/** For tools that start nothing: keys that would be generated are there. */
export async function compileOffline(paths: readonly string[], options: OfflineOptions): Promise<Compiled> {
  const { assumeSecrets, now = Date.now() } = options;
  const loaded = await load(paths, { environment: process.env, assumeSecrets });
  return compileLoaded(loaded, withStandIns(loaded.resources, loaded.secrets, assumeSecrets), now);
}
