import * as z from 'zod';
import { durationMs } from '../../core/resources/duration.ts';

const port = (usual: number) =>
  z.coerce
    .number('has to be a number')
    .int('has to be a whole number')
    .min(0, 'has to be 0 to 65535; 0 takes any free port')
    .max(65_535, 'has to be 0 to 65535; 0 takes any free port')
    .prefault(usual);

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,200}[a-z0-9])?$/;
const objectName = () => z.string().regex(NAME, 'has to be a name as Kubernetes gives them');

/** What `modelgate proxy` can be told, by flags and by the environment. */
export const ProxyOptions = z.strictObject({
  host: z.string().prefault('0.0.0.0').describe('where to listen'),
  port: port(8080).describe('for applications'),
  adminPort: port(9090).describe('for operators: /metrics, /status, /explain'),
  namespace: objectName()
    .optional()
    .describe("where the operator publishes the configuration; the pod's own namespace unless given"),
  cacheDir: z
    .string()
    .prefault('/var/cache/modelgate')
    .describe('keeps the last good configuration, provider keys included, for a restart without API server'),
  podName: objectName()
    .optional()
    .describe('by which this proxy acknowledges what it serves; POD_NAME or the host name unless given'),
  podUid: z.string().optional().describe('of the pod, so that what it acknowledged goes with it'),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .prefault('info')
    .describe('how much is logged'),
  drainTimeout: z
    .string()
    .regex(/^([0-9]{1,6}(\.[0-9]{1,3})?(ms|s|m|h)){1,4}$/, 'has to be a duration such as 300s or 5m')
    .prefault('300s')
    .transform(durationMs)
    .describe('how long requests under way may take when the proxy is stopped (default: 300s)'),
  apiServer: z
    .url({ protocol: /^https?$/, error: 'has to be a URL such as https://10.0.0.1:443' })
    .optional()
    .describe("the API server, outside a pod; the pod's own unless given"),
  caFile: z.string().optional().describe('certificate authority of the API server'),
  tokenFile: z.string().optional().describe('token to show to the API server; read again when it changes'),
  configFile: z
    .string()
    .optional()
    .describe('serve this compiled configuration, and every change to it, and use no API server'),
});

export type ProxyOptions = z.infer<typeof ProxyOptions>;
