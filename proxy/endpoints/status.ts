import type { Runtime } from '../runtime/runtime.ts';

/** How the gateway is doing. */
export interface Condition {
  /** Where the configuration comes from. */
  source: string;
  /** How it stands with it, when there is something to say. */
  sourceState(): string | undefined;
  /** Undefined before the first configuration. */
  runtime(): Runtime | undefined;
  ready(): boolean;
  draining(): boolean;
  /** Requests that have not ended. */
  inFlight(): number;
}

/** What `/readyz` says; undefined when requests can be served. */
export function notReady(condition: Condition): string | undefined {
  if (condition.ready()) return undefined;
  if (condition.draining()) return 'not ready: shutting down';
  if (condition.runtime()) return 'not ready: the configuration has no alias';
  return `not ready: no configuration yet; ${condition.sourceState() ?? `it comes from ${condition.source}`}`;
}

/** `GET /status`: what is served, since when, and the health of every target. */
export function status(condition: Condition) {
  const current = condition.runtime();
  const sourceState = condition.sourceState();
  return {
    ready: condition.ready(),
    draining: condition.draining(),
    source: condition.source,
    ...(sourceState !== undefined && { sourceState }),
    inFlight: condition.inFlight(),
    uptimeSeconds: Math.round(process.uptime()),
    ...(current && describe(current)),
  };
}

function describe({ config, loadedAt, aliases }: Runtime) {
  const now = performance.now();
  const targets = [...aliases].flatMap((alias) =>
    alias.targets.map(({ config: { credential, model, weight, priority }, breaker }) => ({
      alias: alias.id,
      credential,
      model,
      weight,
      priority,
      state: breaker.state,
      ...(breaker.openUntil > now && { restsForSeconds: Math.ceil((breaker.openUntil - now) / 1_000) }),
    })),
  );
  return {
    revision: config.revision,
    loadedAt: new Date(loadedAt).toISOString(),
    ageSeconds: Math.round((Date.now() - loadedAt) / 1_000),
    counts: {
      aliases: Object.keys(config.aliases).length,
      credentials: Object.keys(config.credentials).length,
      callers: Object.keys(config.callers).length,
      policies: Object.keys(config.policies).length,
    },
    targets,
  };
}
