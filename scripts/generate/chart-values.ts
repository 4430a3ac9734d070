import { z } from 'zod';

/**
 * What may be in helm/modelgate/values.yaml: Helm checks values by the JSON schema made of this. Names that do not
 * exist are refused, which is how a typing error is told from a setting.
 */
const text = z.string();
const flag = z.boolean();
const port = z.int().min(1).max(65_535);
const replicas = z.int().min(0).max(1_000);
const seconds = z.int().min(0).max(86_400);
const count = z.union([z.int().min(0).max(1_000_000_000), z.string().regex(/^[0-9]+%$/)]);
const quantity = z.union([z.int().min(0).max(1_000_000_000), z.string().regex(/^[0-9.]+([kMGT]i?)?$/)]);
const strings = z.record(text, text);
const names = z.array(text.regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/));
const cidrs = z.array(text.regex(/^[0-9a-fA-F.:]+\/[0-9]{1,3}$/));
/** Objects of Kubernetes' own kinds: the API server checks them. */
const anything = z.looseObject({});
const list = z.array(anything);
const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']);
const pullSecrets = z.array(z.union([text, z.strictObject({ name: text })]));

/** What both components have. */
const pod = {
  replicas,
  logLevel,
  extraArgs: z.array(text),
  extraEnv: list,
  extraEnvFrom: list,
  extraVolumes: list,
  extraVolumeMounts: list,
  podLabels: strings,
  podAnnotations: strings,
  resources: z.strictObject({
    requests: anything.optional(),
    limits: anything.optional(),
    claims: list.optional(),
  }),
  nodeSelector: strings,
  tolerations: list,
  affinity: anything,
  topologySpreadConstraints: list,
  priorityClassName: text,
  revisionHistoryLimit: z.int().min(0).max(100),
  podSecurityContext: anything,
  securityContext: anything,
  serviceAccount: z.strictObject({ create: flag, name: text, annotations: strings }),
  pdb: z.strictObject({ enabled: flag, maxUnavailable: count }),
};

const operator = z.strictObject({
  ...pod,
  baseURL: z.union([z.literal(''), text.regex(/^https?:\/\/[^\s?#]+$/)]),
  watchNamespaces: names,
  allowPrivateUpstreams: flag,
  deniedCIDRs: cidrs,
  terminationGracePeriodSeconds: seconds,
  networkPolicy: z.strictObject({
    enabled: flag,
    metricsFrom: list,
    apiServerPorts: z.array(port).min(1),
    extraIngress: list,
    extraEgress: list,
  }),
});

const autoscaling = z.strictObject({
  enabled: flag,
  minReplicas: z.int().min(1).max(1_000),
  maxReplicas: z.int().min(1).max(1_000),
  targetCPU: z.int().min(0).max(10_000),
  targetMemory: z.int().min(0).max(10_000),
  metrics: list,
  behavior: anything,
});

const proxy = z.strictObject({
  ...pod,
  drainTimeoutSeconds: seconds,
  preStopSeconds: seconds,
  terminationGracePeriodSeconds: seconds,
  cacheSizeLimit: quantity,
  service: z.strictObject({
    type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']),
    port,
    annotations: strings,
    loadBalancerClass: text,
    loadBalancerSourceRanges: cidrs,
  }),
  adminService: z.strictObject({ port, annotations: strings }),
  autoscaling,
  networkPolicy: z.strictObject({
    enabled: flag,
    applicationsFrom: list,
    metricsFrom: list,
    egressPorts: z.array(port).min(1),
    blockedCIDRs: cidrs,
    blockedCIDRs6: cidrs,
    extraIngress: list,
    extraEgress: list,
  }),
});

const duration = text.regex(/^([0-9]+(ms|s|m|h))+$/);

const monitoring = z.strictObject({
  podMonitor: z.strictObject({ enabled: flag, labels: strings, interval: duration, scrapeTimeout: duration }),
  prometheusRule: z.strictObject({ enabled: flag, labels: strings, extraGroups: list }),
  dashboards: z.strictObject({ enabled: flag, labels: strings, annotations: strings, extra: strings }),
});

export const chartValues = z.strictObject({
  /** Helm gives it to every chart. */
  global: z
    .looseObject({ imageRegistry: text.optional(), imagePullSecrets: pullSecrets.optional() })
    .optional(),
  nameOverride: text.max(63),
  fullnameOverride: text.max(40),
  namespaceOverride: text.max(63),
  commonLabels: strings,
  commonAnnotations: strings,
  imagePullSecrets: pullSecrets,
  image: z.strictObject({
    registry: text.regex(/^$|[^/]$/),
    repository: text.min(1),
    tag: text,
    digest: text.regex(/^$|^sha256:[0-9a-f]{64}$/),
    pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']),
  }),
  crds: z.strictObject({ enabled: flag, keep: flag }),
  operator,
  proxy,
  monitoring,
  tests: z.strictObject({ enabled: flag }),
  extraObjects: z.array(z.union([text, anything])),
});

/** values.schema.json; draft 7 is what Helm 3 and Helm 4 both read. */
export function chartValuesSchema(): string {
  const schema = z.toJSONSchema(chartValues, { target: 'draft-7', io: 'input', reused: 'inline' });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
