/**
 * What the operator and the proxies call things in the namespace where they meet. Secrets hold the configuration;
 * Leases say which revision each proxy serves.
 */

/** `metadata.name` of the Secret that names the shards. */
export const MANIFEST_NAME = 'modelgate-config';

/** `type` of the manifest's and of the shards' Secrets. */
export const CONFIG_SECRET_TYPE = 'modelgate.dev/config';

/** Label of both: `manifest` or `shard`. */
export const CONFIG_LABEL = 'modelgate.dev/config';

/** Keys of `data`: the manifest is JSON, a shard is gzip of JSON. */
export const MANIFEST_KEY = 'manifest.json';
export const SHARD_KEY = 'shard';

/** A proxy's Lease is `modelgate-proxy-<pod name>`; its `holderIdentity` is the pod's name, and empty when it left. */
export const PROXY_LEASE_PREFIX = 'modelgate-proxy-';

/** Labels of a proxy's Lease. */
export const PROXY_LEASE_LABELS = {
  'app.kubernetes.io/name': 'modelgate',
  'app.kubernetes.io/component': 'proxy',
} as const;

/** Annotation of a proxy's Lease: the revision that it serves. */
export const REVISION_ANNOTATION = 'modelgate.dev/revision';
