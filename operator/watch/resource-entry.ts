import type { Kind } from '../../core/resources/kinds.ts';
import type { KubeObject, ObjectMeta } from '../kube/object.ts';
import type { Stored } from '../kube/store.ts';
import type { StatusBody } from './stored-status.ts';

/** One of the four kinds, as the cluster has it. */
export interface ResourceEntry extends Stored {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly generation: number;
  /** All that compile looks at. The same object until one of these things changes, whatever happens to the status. */
  readonly document: KubeObject;
  readonly status: StatusBody;
}

/** Copies of the whole object, which kubectl keeps there. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export function readResource(object: KubeObject, before: ResourceEntry | undefined): ResourceEntry {
  const { metadata, kind } = object;
  const document = toDocument(object);
  return {
    kind: kind as Kind,
    namespace: metadata.namespace!,
    name: metadata.name,
    uid: metadata.uid!,
    resourceVersion: metadata.resourceVersion!,
    generation: metadata.generation ?? 0,
    document: before !== undefined && isSame(before.document, document) ? before.document : document,
    status: (object['status'] ?? {}) as StatusBody,
  };
}

function toDocument({ apiVersion, kind, metadata, spec }: KubeObject): KubeObject {
  const { name, namespace, uid, generation, creationTimestamp, labels, annotations = {} } = metadata;
  const { [LAST_APPLIED]: _, ...kept } = annotations;
  const slim = {
    name,
    namespace,
    uid,
    generation,
    creationTimestamp,
    labels,
    annotations: kept,
  } as ObjectMeta;
  return { apiVersion, kind, metadata: slim, spec };
}

/** The generation counts the changes of the spec; metadata has to be compared. */
function isSame(a: KubeObject, b: KubeObject): boolean {
  return JSON.stringify(a.metadata) === JSON.stringify(b.metadata);
}
