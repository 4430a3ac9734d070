import * as z from 'zod';
import { isCIDR } from '../core/net/egress.ts';

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const name = () => z.string().regex(NAME, 'has to be a name as Kubernetes gives them');

const port = (usual: number) =>
  z.coerce
    .number('has to be a number')
    .int('has to be a whole number')
    .min(0, 'has to be 0 to 65535; 0 takes any free port')
    .max(65_535, 'has to be 0 to 65535; 0 takes any free port')
    .prefault(usual);

const list = (item: z.ZodString) =>
  z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .pipe(z.array(item));

const yesNo = () =>
  z
    .enum(['true', 'false'])
    .prefault('false')
    .transform((text) => text === 'true');

/** What `modelgate operator` can be told, by flags and by the environment. */
export const OperatorOptions = z.strictObject({
  kubeconfig: z
    .string()
    .optional()
    .describe('how to reach the cluster from outside; a pod finds its own API server'),
  namespace: name()
    .optional()
    .describe('where the proxies are and the configuration is published; our own unless given'),
  watchNamespaces: list(name())
    .optional()
    .describe('namespaces whose resources count, separated by commas; all unless given'),
  baseUrl: z
    .url({ protocol: /^https?$/, error: 'has to be an http:// or https:// URL' })
    .optional()
    .describe('of the proxies, for the Secrets of generated keys; their Service here unless given'),
  host: z.string().prefault('0.0.0.0').describe('where to listen'),
  adminPort: port(9091).describe('for /livez, /readyz and /metrics'),
  leaseName: name()
    .prefault('modelgate-operator')
    .describe('Lease by which one of several operators leads and writes'),
  podName: name().optional().describe('what this process is called; POD_NAME or the host name unless given'),
  allowPrivateUpstreams: yesNo().describe('true: providers may be in private networks and on this machine'),
  deniedCidrs: list(z.string().refine(isCIDR, 'has to be ranges such as 10.96.0.0/12'))
    .optional()
    .describe('addresses where providers never are, separated by commas'),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .prefault('info')
    .describe('how much is logged'),
});

export type OperatorOptions = z.infer<typeof OperatorOptions>;
