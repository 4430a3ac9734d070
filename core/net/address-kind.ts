import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** What stands at an address, and who may call it: Public always, Private when that is allowed, Never at all. */
export interface AddressKind {
  /** Completes "it is …". */
  name: string;
  reach: 'Public' | 'Private' | 'Never';
}

const PUBLIC: AddressKind = { name: 'a public address', reach: 'Public' };
const PRIVATE: AddressKind = { name: 'a private address', reach: 'Private' };
export const LOOPBACK: AddressKind = { name: "an address of the gateway's own machine", reach: 'Private' };
export const METADATA: AddressKind = { name: "a cloud's metadata service", reach: 'Never' };
const TUNNEL: AddressKind = { name: 'an address of a tunnel, which may lead anywhere', reach: 'Never' };
const RESERVED: AddressKind = { name: 'an address that no server has', reach: 'Never' };

/**
 * Special ranges by the names of ipaddr.js; what is not here is reserved. Carrier-grade NAT is where some clusters
 * have their pods and VPNs their machines.
 * https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const RANGES = new Map<string, AddressKind>([
  ['unicast', PUBLIC],
  ['private', PRIVATE],
  ['uniqueLocal', PRIVATE],
  ['carrierGradeNat', PRIVATE],
  ['loopback', LOOPBACK],
  ['linkLocal', { name: 'a link-local address', reach: 'Never' }],
  ['multicast', { name: 'a multicast address', reach: 'Never' }],
  ['6to4', TUNNEL],
  ['teredo', TUNNEL],
  ['rfc6145', TUNNEL],
  ['amt', TUNNEL],
]);

/** Inside ranges that would be let in: AWS, Google Cloud, Scaleway; Alibaba Cloud; Azure's host (WireServer). */
const METADATA_RANGES = [
  'fd00:ec2::/32',
  'fd20:ce::/32',
  'fd00:42::/32',
  '100.100.100.200/32',
  '168.63.129.16/32',
].map((range) => ipaddr.parseCIDR(range));

/** For tests of networks (RFC 2544); resolvers of local proxies answer with it. */
const BENCHMARK = ipaddr.parseCIDR('198.18.0.0/15');

/** Global unicast: what IANA has not given out yet is nobody's. */
const GLOBAL = ipaddr.parseCIDR('2000::/3');

/** NAT64's well-known prefix (RFC 6052): the last 32 bits are the IPv4 address that is called in truth. */
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96');

/** @param text an address as resolvers and URLs write it, without brackets */
export function addressKind(text: string): AddressKind {
  if (!ipaddr.isValid(text)) return RESERVED;
  const address = calledAddress(text);
  if (METADATA_RANGES.some((range) => within(address, range))) return METADATA;
  if (within(address, BENCHMARK)) return PRIVATE;
  const kind = RANGES.get(address.range()) ?? RESERVED;
  const unassigned = kind === PUBLIC && address.kind() === 'ipv6' && !within(address, GLOBAL);
  return unassigned ? RESERVED : kind;
}

/** The address that packets go to: an IPv4 address may be written inside an IPv6 one. */
export function calledAddress(text: string): Address {
  const address = ipaddr.parse(text);
  if (!(address instanceof ipaddr.IPv6)) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return within(address, NAT64) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
}

/** Whether an address is in a range; one of the other family is not. */
export function within(address: Address, [base, bits]: [Address, number]): boolean {
  return address.kind() === base.kind() && address.match(base, bits);
}
