import { aliasOf, credentialOf, type Manifest } from './manifests.ts';
import { API_VERSION } from '../../../core/resources/kinds.ts';

const CREDENTIAL = 'mock';

/** Models that a newcomer can try without an account; what each does is its name. */
const MODELS = ['echo', 'lorem', 'tools', 'slow', 'error-429', 'error-500', 'broken-stream', 'embed'];

/** Mock models, one that fails over, and one with a limit that is soon reached. */
export function mockModels(): Manifest[] {
  const echo = { model: 'echo' };
  return [
    credentialOf(CREDENTIAL, { provider: 'Mock' }),
    ...MODELS.map((model) => aliasOf(`mock-${model}`, `mock/${model}`, CREDENTIAL, [{ model }])),
    aliasOf('mock-failover', 'mock/failover', CREDENTIAL, [
      { model: 'error-500', priority: 0 },
      { model: 'echo', priority: 1 },
    ]),
    aliasOf('mock-limited', 'mock/limited', CREDENTIAL, [echo]),
    {
      apiVersion: API_VERSION,
      kind: 'TrafficPolicy',
      metadata: { name: 'mock-limited', namespace: 'default' },
      spec: {
        targetRefs: [{ kind: 'ModelAlias', name: 'mock-limited' }],
        limits: [{ name: 'three-a-minute', requests: 3, per: 'Minute' }],
      },
    },
  ];
}
