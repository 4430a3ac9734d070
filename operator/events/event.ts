/** Something to tell the owner of an object by `kubectl get events`. */
export interface EventDraft {
  /** The object that it is about. */
  regarding: { apiVersion: string; kind: string; namespace: string; name: string; uid?: string };
  type: 'Normal' | 'Warning';
  /** One CamelCase word. */
  reason: string;
  /** What was done, one CamelCase verb. */
  action: string;
  /** A sentence without values of Secrets. */
  note: string;
}
