import type { EffectiveLimit } from '../../core/policy/effective.ts';
import type { Demand } from './memory.ts';

const MAX_SCOPE_VALUE = 128;
const HEADER = 'Header:';

/** Whose request counters are about. */
export interface Counted {
  readonly caller: {
    readonly id: string;
    readonly config: { namespace: string; attributes?: Readonly<Record<string, string>> | undefined };
  };
  readonly alias: { readonly id: string };
  readonly request: {
    readonly req: { readonly headers: Readonly<Record<string, string | string[] | undefined>> };
  };
}

/** What limits ask of one request: each with the counter that its scope says. */
export function demandsOf(limits: readonly EffectiveLimit[], x: Counted, target?: { id: string }): Demand[] {
  return limits.map((limit) => ({
    // A limit that becomes another one in a new configuration starts to count anew.
    key: `${limit.policy}/${limit.name} ${limit.per ?? ''} ${limit.scope} ${scopeValue(limit.scope, x, target)}`,
    max: limit.max,
    per: limit.per,
    monitor: limit.mode === 'Monitor',
  }));
}

/** Whether the scope's counter depends on more than caller, alias and target. */
export function readsRequest(scope: string): boolean {
  return scope.startsWith(HEADER);
}

function scopeValue(scope: string, x: Counted, target: { id: string } | undefined): string {
  switch (scope) {
    case 'Caller':
      return x.caller.id;
    case 'Alias':
      return x.alias.id;
    case 'CallerAndAlias':
      return `${x.caller.id} ${x.alias.id}`;
    case 'Namespace':
      return x.caller.config.namespace;
    case 'Target':
      return target?.id ?? '';
    default:
      return namedValue(scope, x);
  }
}

/** `Header:<name>` or `Attribute:<name>`; requests without it share one counter. */
function namedValue(scope: string, x: Counted): string {
  const colon = scope.indexOf(':');
  const name = scope.slice(colon + 1);
  const value = readsRequest(scope)
    ? x.request.req.headers[name.toLowerCase()]
    : x.caller.config.attributes?.[name];
  return String(value ?? '').slice(0, MAX_SCOPE_VALUE);
}

/** `policy/limit` of a demand, without whose requests it counts. */
export function limitName({ key }: Demand): string {
  return key.slice(0, key.indexOf(' '));
}
