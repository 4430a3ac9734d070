import { hash } from 'node:crypto';
import { CONFIG_VERSION, type Alias, type Config, type Credential } from '../../core/config/config.ts';
import { withRevision } from '../../core/config/revision.ts';

/** The caller key that `testConfig` lets in. */
export const CALLER_KEY = 'mg-test-caller-key-0123456789';
/** What the upstream must see instead of it. */
export const PROVIDER_KEY = 'sk-test-provider-key-0123456789';

type Content = Omit<Config, 'revision' | 'version'>;

export interface Sketch {
  /** Base URL of the upstream behind the credential `team/up`. */
  upstream: string;
  /** Name of the alias, whose id is `team/<name>`. */
  alias?: string;
  credential?: Partial<Credential>;
  targets?: Alias['targets'];
  /** Changes anything else. */
  change?: (content: Content) => Content;
}

/**
 * One credential, one alias, one caller who may use it; and an alias `secret` that the caller can see and may not
 * use. The upstream's model is `gpt-5-mini`.
 */
export function testConfig({ upstream, alias = 'chat', credential, targets, change }: Sketch): Config {
  const id = `team/${alias}`;
  const target = { credential: 'team/up', model: 'gpt-5-mini', weight: 1, priority: 0 };
  const routing = { strategy: 'Weighted', whenAllUnhealthy: 'TryLeastBad' } as const;
  const common = { namespace: 'team', createdAt: Date.UTC(2025, 0, 1), routing };
  // Providers of tests are on this machine.
  const egress = { allowPrivate: true, deniedCIDRs: [] };
  const content: Content = {
    credentials: {
      'team/up': {
        provider: 'OpenAICompatible',
        baseURL: upstream,
        keys: [PROVIDER_KEY],
        egress,
        ...credential,
      },
    },
    aliases: {
      [id]: { name: alias, targets: targets ?? [target], ...common },
      'team/secret': { name: 'secret', targets: [target], ...common },
    },
    access: {
      own: [{ match: alias, alias: id }],
      all: [
        { match: alias, alias: id },
        { match: 'secret', alias: 'team/secret' },
      ],
    },
    namespaces: { team: { visible: 'all' } },
    callers: {
      'team/app': { namespace: 'team', name: 'app', keys: [{ sha256: sha256(CALLER_KEY) }], access: 'own' },
    },
    policies: {},
  };
  return withRevision({ version: CONFIG_VERSION, ...(change ? change(content) : content) });
}

/** How a config holds a caller key. */
export function sha256(key: string): string {
  return hash('sha256', key, 'hex');
}
