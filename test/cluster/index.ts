/**
 * A real Kubernetes control plane for one test file: etcd, kube-apiserver and kube-controller-manager on loopback,
 * with RBAC and PodSecurity admission. There are no nodes: what has to run, runs as a process of the host with the
 * token of its ServiceAccount.
 */
export { type Cluster, type ClusterOptions, startCluster } from './cluster.ts';
export type { ApiAnswer, ApiRequest } from './api-client.ts';
export type { CommandResult } from './command.ts';
export type { Component } from './control-plane.ts';
export { installCrds, pathOf, refusal } from './crds.ts';
