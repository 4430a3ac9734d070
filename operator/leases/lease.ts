import type { KubeObject } from '../kube/object.ts';

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/; instants have microseconds. */
export interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

export function specOf(lease: KubeObject): LeaseSpec {
  return lease['spec'] ?? {};
}

/** MicroTime; what is behind the milliseconds is nothing. */
export function microTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '000Z');
}
