import { compile, type Secrets, type Status, type TokenIssuer } from '../core/compile/index.ts';
import type { Config } from '../core/config/config.ts';
import type { EgressRule } from '../core/net/egress.ts';
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

/** What files do not say. */
export interface Circumstances {
  /** Of the files and from elsewhere. */
  secrets: Secrets;
  /** Milliseconds since the epoch. */
  now: number;
  egress: EgressRule;
  serviceAccounts?: TokenIssuer;
}

export function compileLoaded(loaded: Loaded, circumstances: Circumstances): Compiled {
  const { resources, namespaces } = loaded;
  const { config, statuses } = compile({ resources, namespaces, ...circumstances });
  return { loaded, config, statuses, findings: statusProblems(statuses, loaded) };
}

export interface OfflineOptions {
  /** Take Secrets and variables that are not there as if they were. */
  assumeSecrets: boolean;
  now?: number;
}

/** Of the cluster that will read the files: what can be wrong with it is not the files' fault. */
const SOME_CLUSTER: TokenIssuer = { issuer: 'https://cluster.invalid', audience: 'modelgate', keys: [] };

/** For tools that start nothing: keys that would be generated are there. */
export async function compileOffline(paths: readonly string[], options: OfflineOptions): Promise<Compiled> {
  const { assumeSecrets, now = Date.now() } = options;
  const loaded = await load(paths, { environment: process.env, assumeSecrets });
  const secrets = withStandIns(loaded.resources, loaded.secrets, assumeSecrets);
  // Whether private addresses are allowed is up to the gateway that will read the files.
  const egress: EgressRule = { allowPrivate: true };
  return compileLoaded(loaded, { secrets, now, egress, serviceAccounts: SOME_CLUSTER });
}
