import { LOOPBACK, METADATA, type AddressKind } from './address-kind.ts';

/** Names under which clouds answer with the credentials of a machine. */
const METADATA_NAMES = [
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'metadata.azure.internal',
  'metadata.tencentyun.com',
  'instance-data',
  'instance-data.ec2.internal',
  'metadata.packet.net',
  'metadata.platformequinix.com',
];

/** https://www.rfc-editor.org/rfc/rfc6761#section-6.3; the others are what /etc/hosts of distributions has. */
const LOOPBACK_NAMES = ['localhost', 'localhost.localdomain', 'ip6-localhost', 'ip6-loopback'];

const API_SERVER: AddressKind = { name: 'the API server of the cluster', reach: 'Never' };
const API_SERVER_NAMES = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

const SERVICE: AddressKind = { name: 'a name inside the cluster', reach: 'Private' };

/**
 * What stands behind a name as far as the name itself tells; undefined when only a resolver knows.
 * @param hostname of a WHATWG URL: lower case
 */
export function nameKind(hostname: string): AddressKind | undefined {
  const name = hostname.replace(/\.+$/, '');
  if (METADATA_NAMES.includes(name)) return METADATA;
  if (API_SERVER_NAMES.includes(name)) return API_SERVER;
  if (LOOPBACK_NAMES.includes(name) || name.endsWith('.localhost')) return LOOPBACK;
  return /\.svc$|\.cluster\.local$/.test(name) ? SERVICE : undefined;
}
