import type { ProviderCredential } from '../../resources/provider-credential.ts';
import type { Problem } from '../statuses.ts';

/** Headers that belong to one connection or frame the body: the gateway writes them itself. */
const FRAMING = [
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Headers that carry keys: upstream, only the key of spec.auth is sent. */
const CREDENTIALS = [
  'api-key',
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-api-key',
  'x-goog-api-key',
];

/** Headers by which a caller could pose as somebody else. */
const IDENTITY = ['forwarded', 'via', 'x-real-ip'];
const IDENTITY_PREFIXES = ['x-forwarded-', 'x-modelgate-'];

/** Neither added nor forwarded headers may say what the gateway has to say itself. */
export function sendableHeaders({ spec }: ProviderCredential): Problem | undefined {
  const added = Object.keys(spec.headers ?? {}).map((name) => ({ field: `spec.headers.${name}`, name }));
  const forwarded = (spec.forwardHeaders ?? []).map((name, i) => ({
    field: `spec.forwardHeaders[${i}]`,
    name,
  }));
  for (const { field, name } of [...added, ...forwarded]) {
    const fault = headerFault(name.toLowerCase());
    if (fault !== undefined) return { reason: 'Invalid', message: `${field}: ${name} ${fault}` };
  }
  return undefined;
}

function headerFault(name: string): string | undefined {
  if (FRAMING.includes(name)) return 'is written by the gateway itself: remove it';
  if (CREDENTIALS.includes(name)) return 'carries credentials: remove it, and name a Secret in spec.auth';
  if (IDENTITY.includes(name) || IDENTITY_PREFIXES.some((prefix) => name.startsWith(prefix)))
    return 'is never sent upstream, since it tells who is calling: remove it';
  return undefined;
}
