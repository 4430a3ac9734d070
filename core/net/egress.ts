import ipaddr from 'ipaddr.js';
import { addressKind, calledAddress, within, type AddressKind } from './address-kind.ts';
import { nameKind } from './name-kind.ts';

/** Where upstreams may be. Nothing said: at public addresses only. */
export interface EgressRule {
  /** Also on this machine and in private networks. */
  allowPrivate?: boolean | undefined;
  /** Ranges that are never called, like 10.96.0.0/12; they win. */
  deniedCIDRs?: readonly string[] | undefined;
}

/** A rule made ready to judge hosts and addresses. A fault is told as the end of a sentence: "… is …: mend". */
export class Egress {
  readonly #allowPrivate: boolean;
  readonly #denied: readonly { text: string; range: ReturnType<typeof ipaddr.parseCIDR> }[];

  constructor({ allowPrivate = false, deniedCIDRs = [] }: EgressRule = {}) {
    this.#allowPrivate = allowPrivate;
    this.#denied = deniedCIDRs.map((text) => ({ text, range: ipaddr.parseCIDR(text) }));
  }

  /**
   * Judges a host by what is written: an address, or a name that is known to be special.
   * @param hostname of a WHATWG URL
   */
  hostFault(hostname: string): string | undefined {
    const address = hostname.replace(/^\[|\]$/g, '');
    if (ipaddr.isValid(address)) return this.addressFault(address);
    const kind = nameKind(hostname);
    return kind && this.#kindFault(kind);
  }

  /** Judges an address that a name was resolved to. */
  addressFault(address: string): string | undefined {
    return this.#kindFault(addressKind(address)) ?? this.#deniedFault(address);
  }

  #kindFault({ name, reach }: AddressKind): string | undefined {
    if (reach === 'Public' || (reach === 'Private' && this.#allowPrivate)) return undefined;
    if (reach === 'Never') return `is ${name}, and never called: give the address of the provider`;
    return `is ${name}: give a public one, or start modelgate with --allow-private-upstreams`;
  }

  #deniedFault(address: string): string | undefined {
    const forms = [ipaddr.parse(address), calledAddress(address)];
    const hit = this.#denied.find(({ range }) => forms.some((form) => within(form, range)));
    return hit && `is in ${hit.text}, which --denied-cidrs excludes: give another address`;
  }
}

/** Whether a text is a range of addresses, like 10.0.0.0/8 or fd00::/8. */
export function isCIDR(text: string): boolean {
  return ipaddr.isValidCIDR(text);
}
