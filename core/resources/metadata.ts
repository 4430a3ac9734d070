import * as z from 'zod';
import { labelName, objectName } from './scalars.ts';

const labels = z.record(z.string(), z.string());

/** Metadata that we read is typed; what else Kubernetes writes there is accepted and not looked at. */
const members = {
  /** Without a slash: `namespace/name` tells objects apart, and names become file names. */
  name: objectName(),
  labels: labels.optional(),
  annotations: labels.optional(),
  generation: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  uid: z.string().optional(),
  creationTimestamp: z.string().optional(),
  generateName: z.unknown().optional(),
  resourceVersion: z.unknown().optional(),
  selfLink: z.unknown().optional(),
  finalizers: z.unknown().optional(),
  ownerReferences: z.unknown().optional(),
  managedFields: z.unknown().optional(),
  deletionTimestamp: z.unknown().optional(),
  deletionGracePeriodSeconds: z.unknown().optional(),
};

/** Metadata of a namespaced object. Like kubectl, no namespace means `default`. */
export const metadata = z.object({ ...members, namespace: labelName().default('default') });

/** Metadata of an object that belongs to no namespace. */
export const clusterMetadata = z.object(members);

/**
 * Metadata of a namespaced object after parsing. `generation`, `uid` and `creationTimestamp` (RFC 3339) are
 * there when the object comes from a cluster.
 */
export type Metadata = z.output<typeof metadata>;
