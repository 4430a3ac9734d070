export interface KubeconfigUser {
  readonly url: string;
  readonly caFile: string;
  readonly user: string;
  readonly token: string;
  readonly namespace?: string;
}

/** The text of a kubeconfig file with one cluster and one user. JSON is YAML. */
export function kubeconfig({ url, caFile, user, token, namespace = 'default' }: KubeconfigUser): string {
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority': caFile } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user, namespace } }],
    'current-context': 'test',
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
