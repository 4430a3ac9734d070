import type { KubeObject, ObjectMeta } from '../kube/object.ts';
import type { Stored } from '../kube/store.ts';

/** An object of which only the metadata is known. */
export interface MetadataEntry extends Stored {
  readonly metadata: ObjectMeta;
}

export function readMetadata({ metadata }: KubeObject): MetadataEntry {
  const { name, namespace, uid, resourceVersion, labels, ownerReferences } = metadata;
  const slim = { name, namespace, uid, resourceVersion, labels, ownerReferences } as ObjectMeta;
  return { uid: uid!, resourceVersion: resourceVersion!, metadata: slim };
}
