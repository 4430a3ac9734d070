import * as z from 'zod';
import { PROXY_LEASE_LABELS, PROXY_LEASE_PREFIX, REVISION_ANNOTATION } from '../../../core/publish/names.ts';

const Texts = z.record(z.string(), z.string());

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/ */
export const Lease = z.looseObject({
  metadata: z.looseObject({
    resourceVersion: z.string(),
    labels: Texts.optional(),
    annotations: Texts.optional(),
  }),
});

export type Lease = z.infer<typeof Lease>;

/** Whose Lease it is. */
export interface Pod {
  name: string;
  namespace: string;
  /** When known, the Lease goes with the pod. */
  uid?: string | undefined;
}

/** What a Lease is to say. */
export interface Claim {
  revision: string;
  /** Seconds. */
  duration: number;
  /** Empty when the proxy has left. */
  holder: string;
  /** Milliseconds since the epoch. */
  renewedAt: number;
}

/** @param known what the server has, so that nothing else in it is lost, and a write that crosses is noticed */
export function leaseBody(pod: Pod, claim: Claim, known?: Lease): object {
  const { name, namespace, uid } = pod;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      ...known?.metadata,
      name: PROXY_LEASE_PREFIX + name,
      namespace,
      labels: { ...known?.metadata.labels, ...PROXY_LEASE_LABELS },
      annotations: { ...known?.metadata.annotations, [REVISION_ANNOTATION]: claim.revision },
      ...(uid !== undefined && { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid }] }),
    },
    spec: {
      holderIdentity: claim.holder,
      leaseDurationSeconds: claim.duration,
      // Microseconds are asked for.
      renewTime: new Date(claim.renewedAt).toISOString().replace('Z', '000Z'),
    },
  };
}
