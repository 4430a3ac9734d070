import { hash } from 'node:crypto';
import { CONFIG_VERSION, type Config } from '../core/config/config.ts';
import { withRevision } from '../core/config/revision.ts';
import { aliasOf, CACHED_KEY, keyOf, LIMITED_KEY, MODES, upstreamModelOf, type Mode } from './parties.ts';

export interface Size {
  callers: number;
  /** Besides the one for each mode. */
  aliases: number;
}

const NAMESPACE = 'bench';
/** A limit that no run reaches, but every request is counted against. */
const PLENTY = 1_000_000_000;

/** What the product serves: every stage has something to do, and nothing is refused but what a case asks for. */
export function benchConfig(upstream: string, size: Size): Config {
  const filler = Array.from({ length: size.aliases }, (_, n) => [`alias-${n}`, 'json'] as const);
  const names = [...MODES.map((mode) => [aliasOf(mode), mode] as const), ...filler];
  return withRevision({
    version: CONFIG_VERSION,
    credentials: Object.fromEntries(MODES.map((mode) => [id(mode), credential(upstream, mode)])),
    aliases: Object.fromEntries(names.map(([name, mode]) => [id(name), alias(name, mode)])),
    access: { all: names.map(([name]) => ({ match: name, alias: id(name) })) },
    namespaces: { [NAMESPACE]: { visible: 'all', policies: [id('limits')] } },
    callers: callers(size.callers),
    policies: {
      [id('limits')]: policy('limits', PLENTY),
      [id('nothing')]: policy('nothing', 0),
      [id('cached')]: {
        namespace: NAMESPACE,
        name: 'cached',
        mode: 'Enforce',
        cache: { mode: 'Exact', ttl: 3_600_000, scope: 'Caller' },
      },
    },
  });
}

function id(name: string): string {
  return `${NAMESPACE}/${name}`;
}

function credential(upstream: string, mode: Mode): Config['credentials'][string] {
  return {
    provider: 'OpenAICompatible',
    baseURL: `${upstream}/${mode}/v1`,
    keys: ['provider-key'],
    egress: { allowPrivate: true, deniedCIDRs: [] },
  };
}

function alias(name: string, mode: Mode): Config['aliases'][string] {
  return {
    name,
    namespace: NAMESPACE,
    createdAt: 0,
    targets: [{ credential: id(mode), model: upstreamModelOf(mode), weight: 1, priority: 0 }],
    routing: { strategy: 'Weighted', whenAllUnhealthy: 'TryLeastBad' },
  };
}

function callers(count: number): Config['callers'] {
  const limited = { ...caller('limited', LIMITED_KEY), policies: [id('nothing')] };
  const cached = { ...caller('cached', CACHED_KEY), policies: [id('cached')] };
  const others = Array.from({ length: count }, (_, n) => {
    return [id(`caller-${n}`), caller(`caller-${n}`, keyOf(n))] as const;
  });
  return { [id('limited')]: limited, [id('cached')]: cached, ...Object.fromEntries(others) };
}

function caller(name: string, key: string): Config['callers'][string] {
  return {
    namespace: NAMESPACE,
    name,
    keys: [{ sha256: hash('sha256', key, 'hex') }],
    access: 'all',
    attributes: { costCenter: '42' },
  };
}

function policy(name: string, requests: number): Config['policies'][string] {
  return {
    namespace: NAMESPACE,
    name,
    mode: 'Enforce',
    limits: [
      { name: 'requests', counts: 'Requests', max: requests, per: 'Minute', scope: 'Caller' },
      { name: 'at-once', counts: 'Concurrent', max: PLENTY, scope: 'Caller' },
    ],
  };
}
