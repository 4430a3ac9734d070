import type { Caller, Config } from '../config/config.ts';
import {
  DEFAULTS,
  type Effective,
  type EffectiveCache,
  type EffectiveLimit,
  type Subject,
} from '../policy/effective.ts';
import type { Level, LimitExplanation, PolicyExplanation, Setting } from './explanation.ts';

/** What a policy's objects are in one request, and the request's headers, names in lower case. */
export interface Request extends Subject {
  headers: Readonly<Record<string, string>>;
  /** `credential/model` of the target, where there is one. */
  target?: string;
}

export function describePolicy(config: Config, id: string, subject: Subject): PolicyExplanation {
  return { id, level: levelOf(config, id, subject), mode: config.policies[id]!.mode };
}

function levelOf(config: Config, policy: string, { callerId, aliasId, credentialId = '' }: Subject): Level {
  const specificFirst: [Level, { policies?: readonly string[] | undefined } | undefined][] = [
    ['caller', config.callers[callerId]],
    ['alias', config.aliases[aliasId]],
    ['credential', config.credentials[credentialId]],
  ];
  return specificFirst.find(([, object]) => object?.policies?.includes(policy))?.[0] ?? 'namespace';
}

/** Every setting, with the policy that decided it. */
export function describeSettings({ settings, sources, cache }: Effective): Setting[] {
  const groups = Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[];
  const values = groups.flatMap((group) =>
    Object.entries<number | readonly string[]>(settings[group]).map(([field, value]) => {
      const path = `${group}.${field}`;
      const policy = sources[path];
      return { path, value, ...(policy !== undefined && { policy }) };
    }),
  );
  return [...values, ...(cache ? describeCache(cache) : [])];
}

function describeCache({ ttl, scope, policy, monitor }: EffectiveCache): Setting[] {
  const from = { policy, ...(monitor && { monitor: true as const }) };
  return [
    { path: 'cache.ttl', value: ttl, ...from },
    { path: 'cache.scope', value: [scope], ...from },
  ];
}

export function describeLimit(config: Config, limit: EffectiveLimit, request: Request): LimitExplanation {
  return { ...limit, counter: counterOf(config, limit.scope, request) };
}

function counterOf(config: Config, scope: string, request: Request): string {
  const caller: Caller = config.callers[request.callerId]!;
  const fixed: Record<string, string> = {
    Caller: request.callerId,
    Alias: request.aliasId,
    CallerAndAlias: `${request.callerId} ${request.aliasId}`,
    Namespace: caller.namespace,
    Target: request.target ?? 'the target',
  };
  return fixed[scope] ?? namedCounter(scope, caller, request.headers);
}

/** `Header:<name>` or `Attribute:<name>`. What may be a credential is not shown. */
function namedCounter(scope: string, caller: Caller, headers: Request['headers']): string {
  const [source, name = ''] = scope.split(/:(.*)/s);
  const value = source === 'Header' ? headers[name.toLowerCase()] : caller.attributes?.[name];
  if (value === undefined) return `(requests without it share one counter)`;
  return /auth|key|cookie|token|secret/i.test(name) ? '(its value)' : value;
}
