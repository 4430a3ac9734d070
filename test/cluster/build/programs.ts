import { join } from 'node:path';
import { build, type GoModule } from './module.ts';

/** As in go/kubernetes/go.mod. */
export const KUBERNETES_VERSION = 'v1.36.3';
const HELM_VERSIONS = { 3: 'v3.22.0', 4: 'v4.3.1' } as const;

export type HelmVersion = keyof typeof HELM_VERSIONS;

const [MAJOR, MINOR] = KUBERNETES_VERSION.slice(1).split('.');

// Without these the server reports v0.0.0, and `kubectl version` and Helm's Capabilities with it.
const VERSION_PACKAGES = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
const VERSION_VARIABLES = VERSION_PACKAGES.flatMap((path) => [
  [`${path}.gitVersion`, KUBERNETES_VERSION],
  [`${path}.gitMajor`, MAJOR],
  [`${path}.gitMinor`, MINOR],
  [`${path}.gitCommit`, 'unknown'],
  [`${path}.gitTreeState`, 'clean'],
  [`${path}.buildDate`, '1970-01-01T00:00:00Z'],
]);

const KUBERNETES: GoModule = {
  name: 'kubernetes',
  programs: {
    etcd: 'go.etcd.io/etcd/server/v3',
    'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
    'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
    kubectl: 'k8s.io/kubernetes/cmd/kubectl',
  },
  variables: Object.fromEntries(VERSION_VARIABLES) as Record<string, string>,
};

// A module of its own each: Helm wants other versions of the Kubernetes libraries than the server is built from.
const helm = (major: HelmVersion): GoModule => ({
  name: `helm${major}`,
  programs: { helm: `helm.sh/helm/v${major}/cmd/helm` },
  variables: { [`helm.sh/helm/v${major}/internal/version.version`]: HELM_VERSIONS[major] },
});

/** The folder with etcd, kube-apiserver, kube-controller-manager and kubectl; built first when that was not done yet. */
export const kubernetesPrograms = (): Promise<string> => build(KUBERNETES);

/** The path of `helm` of that major version; built first when that was not done yet. */
export const helmProgram = async (major: HelmVersion): Promise<string> =>
  join(await build(helm(major)), 'helm');
