import { setImmediate as nextTurn } from 'node:timers/promises';
import { accessTable, type AccessTable } from '../../core/access/match.ts';
import type { Config } from '../../core/config/config.ts';
import { DEFAULTS } from '../../core/policy/effective.ts';
import { buildTiers, type Alias } from './alias.ts';
import type { Caller } from './caller.ts';
import type { Credential } from './credential.ts';
import type { GatewayState } from './gateway-state.ts';
import type { KnownKey } from './known-key.ts';
import { buildPlan, type Plan } from './plan.ts';
import { remember } from './remember.ts';
import { TokenVerifier, type Subjects } from './token-verifier.ts';

/** What callers prove with who they are. */
interface Proofs {
  /** By the SHA-256 of the key, lower-case hex. */
  keys: ReadonlyMap<string, KnownKey>;
  subjects: Subjects;
}

/** Callers that are indexed in one go: about a millisecond, so that building never holds up a request. */
const SLICE = 2_000;

const NOTHING = accessTable([]);

/** A configuration made ready to serve. What only some requests need is built when the first one comes. */
export class Runtime {
  readonly config: Config;
  readonly loadedAt = Date.now();
  /** Some alias has a target: there is something to answer requests with. */
  readonly serves: boolean;
  /** The largest body that any policy allows; no more is read before the alias is known. */
  readonly maxBodyBytes: number;
  readonly tokens: TokenVerifier;
  readonly #keys: ReadonlyMap<string, KnownKey>;
  readonly #aliases: ReadonlyMap<string, Alias>;
  readonly #credentials: readonly Credential[];
  readonly #callers = new Map<string, Caller>();
  readonly #access = new Map<string, AccessTable>();
  readonly #plans = new Map<string, Plan>();
  #inFlight = 0;
  #retired = false;

  private constructor(
    config: Config,
    { keys, subjects }: Proofs,
    aliases: ReadonlyMap<string, Alias>,
    credentials: readonly Credential[],
  ) {
    this.config = config;
    this.maxBodyBytes = largestBody(config);
    this.serves = Object.values(config.aliases).some(({ targets }) => targets.length > 0);
    this.tokens = new TokenVerifier(config.issuers, subjects);
    this.#keys = keys;
    this.#aliases = aliases;
    this.#credentials = credentials;
    for (const credential of credentials) credential.retain();
  }

  static async build(config: Config, state: GatewayState): Promise<Runtime> {
    const proofs = await indexProofs(config);
    const credentials = state.credentials(config);
    return new Runtime(config, proofs, buildAliases(config, credentials, state), [...credentials.values()]);
  }

  /** @param sha256 of a key, or of a token that was verified before; lower-case hex */
  keyOwner(sha256: string): KnownKey | undefined {
    return this.#keys.get(sha256) ?? this.tokens.known(sha256);
  }

  caller(id: string): Caller {
    return remember(this.#callers, id, () => {
      const config = this.config.callers[id]!;
      const visible = this.config.namespaces[config.namespace]?.visible;
      return {
        id,
        config,
        access: this.#table(config.access),
        visible: this.#table(visible),
        plans: new Map(),
        demands: new Map(),
      };
    });
  }

  alias(id: string): Alias {
    return this.#aliases.get(id)!;
  }

  get aliases(): Iterable<Alias> {
    return this.#aliases.values();
  }

  /** Callers with the same policies share their plans. */
  plan(caller: Caller, alias: Alias): Plan {
    return remember(caller.plans, alias.id, () => {
      const { namespace, policies = [] } = caller.config;
      const key = JSON.stringify([namespace, policies, alias.id]);
      return remember(this.#plans, key, () => buildPlan(this.config, caller.id, alias));
    });
  }

  enter(): void {
    this.#inFlight++;
  }

  leave(): void {
    this.#inFlight--;
    this.#letGo();
  }

  /** A newer one serves from now on: connections go when the last request of this one has ended. */
  retire(): void {
    this.#retired = true;
    this.#letGo();
  }

  #letGo(): void {
    if (this.#retired && this.#inFlight === 0)
      for (const credential of this.#credentials) credential.release();
  }

  #table(id: string | undefined): AccessTable {
    if (id === undefined) return NOTHING;
    return remember(this.#access, id, () => accessTable(this.config.access[id] ?? []));
  }
}

function largestBody({ policies }: Config): number {
  const limits = Object.values(policies).map(({ request }) => request?.maxBodyBytes ?? 0);
  return Math.max(DEFAULTS.request.maxBodyBytes, ...limits);
}

async function indexProofs(config: Config): Promise<Proofs> {
  const keys = new Map<string, KnownKey>();
  const subjects = new Map<string, Map<string, string>>();
  let sinceTurn = 0;
  for (const callerId in config.callers) {
    const caller = config.callers[callerId]!;
    for (const { sha256, expiresAt } of caller.keys) {
      keys.set(sha256, { callerId, expiresAt: expiresAt ?? Infinity });
    }
    for (const { issuer, subject } of caller.subjects ?? []) {
      remember(subjects, issuer, () => new Map<string, string>()).set(subject, callerId);
    }
    if (++sinceTurn % SLICE === 0) await nextTurn();
  }
  return { keys, subjects };
}

function buildAliases(
  config: Config,
  credentials: ReadonlyMap<string, Credential>,
  state: GatewayState,
): Map<string, Alias> {
  const aliases = new Map<string, Alias>();
  for (const [id, alias] of Object.entries(config.aliases)) {
    const targets = alias.targets.map((target) => {
      const targetId = `${target.credential}/${target.model}`;
      const credential = credentials.get(target.credential)!;
      return {
        config: target,
        credential,
        id: targetId,
        breaker: state.breaker(targetId),
        load: state.load(targetId),
      };
    });
    aliases.set(id, {
      id,
      config: alias,
      targets,
      tiers: buildTiers(alias, targets),
      conditional: alias.targets.some(({ when }) => when !== undefined),
      retryBudget: state.retryBudget(id),
    });
  }
  return aliases;
}
