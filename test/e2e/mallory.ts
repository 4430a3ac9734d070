/** The caller key that she may know: her own. */
export const KEY = 'mg-a-key-that-mallory-knows-0123456789';
/** A tenant with every right in her namespace but over the namespace itself, and a key for all that she may see. */
export const MALLORY = `
{apiVersion: v1, kind: Namespace, metadata: {name: mallory}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: mallory, namespace: mallory}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: mallory, namespace: mallory}
rules:
  - {apiGroups: [modelgate.dev], resources: ['*'], verbs: ['*']}
  - {apiGroups: [''], resources: [secrets, configmaps, serviceaccounts], verbs: ['*']}
  - {apiGroups: [coordination.k8s.io], resources: [leases], verbs: ['*']}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: mallory, namespace: mallory}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: mallory}
subjects: [{kind: ServiceAccount, name: mallory, namespace: mallory}]
---
{apiVersion: v1, kind: Secret, metadata: {name: key, namespace: mallory}, stringData: {key: ${KEY}}}
---
apiVersion: modelgate.dev/v1alpha1
kind: CallerKey
metadata: {name: mallory, namespace: mallory}
spec: {secretRef: {name: key, key: key}, aliases: ['*']}
`;
