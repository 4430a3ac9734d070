import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import type { Egress } from '../../core/net/egress.ts';

/** The host may not be called. The message holds its address: for logs, never for callers. */
export class AddressDenied extends Error {
  override readonly name = 'AddressDenied';
  readonly code = 'AddressDenied';
}

type Resolve = (
  hostname: string,
  options: { all: true },
  callback: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Opens connections to addresses that were judged, and to no others: a name is resolved once, and the socket gets
 * the very addresses that passed. So it does not matter what a second answer of the resolver would be.
 * @param resolve for tests; the system's resolver unless given
 */
export function guardedConnector(
  egress: Egress,
  options: buildConnector.BuildOptions,
  resolve: Resolve = systemLookup,
): buildConnector.connector {
  const connect = buildConnector({ ...options, lookup: guardedLookup(egress, resolve) });
  return (target, callback) => {
    // A literal address is never looked up.
    const fault = egress.hostFault(target.hostname);
    if (fault === undefined) connect(target, callback);
    else queueMicrotask(() => callback(new AddressDenied(`${target.hostname} ${fault}`), null));
  };
}

/** One bad address spoils the name: whoever mixes it in does not mean well. */
function guardedLookup(egress: Egress, resolve: Resolve): LookupFunction {
  return (hostname, { all, ...options }, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '');
      const fault = firstFault(egress, hostname, addresses);
      if (fault) return callback(fault, '');
      if (all === true) callback(null, addresses);
      else callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}

function firstFault(
  egress: Egress,
  hostname: string,
  addresses: readonly LookupAddress[],
): AddressDenied | undefined {
  if (addresses.length === 0) return new AddressDenied(`${hostname} has no address`);
  const faults = addresses.map(({ address }) => ({ address, fault: egress.addressFault(address) }));
  const bad = faults.find(({ fault }) => fault !== undefined);
  return bad && new AddressDenied(`${hostname} has the address ${bad.address}, which ${bad.fault}`);
}
