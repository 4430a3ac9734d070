import { randomBytes, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Daemon, type Reaper } from './daemon.ts';
import { freePorts } from './free-ports.ts';
import { kubeconfig } from './kubeconfig.ts';

export type Component = 'etcd' | 'apiserver' | 'kcm';

/** What the control plane is made of, before anything runs. */
export interface ControlPlane {
  readonly url: string;
  readonly etcdUrl: string;
  readonly adminToken: string;
  readonly caFile: string;
  readonly auditLog: string;
  readonly daemons: Readonly<Record<Component, Daemon>>;
}

export interface ControlPlaneOptions {
  /** Where certificates, data and logs go. */
  readonly folder: string;
  /** Where the programs are. */
  readonly programs: string;
  readonly reaper: Reaper;
  /** Controllers to run, as kube-controller-manager names them. */
  readonly controllers: readonly string[];
  /** Further arguments of kube-apiserver. */
  readonly apiArgs: readonly string[];
}

/** Every write, by whom and to what; no bodies, which may hold secrets. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'Metadata', verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'] },
    { level: 'None' },
  ],
};

export async function prepare(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { folder, programs, reaper } = options;
  await mkdir(join(folder, 'pki'), { recursive: true });
  const [etcdPort = 0, peerPort = 0, apiPort = 0] = await freePorts(3);
  const tokens = { admin: randomBytes(24).toString('hex'), kcm: randomBytes(24).toString('hex') };
  const url = `https://127.0.0.1:${apiPort}`;
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const caFile = join(folder, 'pki', 'ca.crt');
  writeIdentities(folder, tokens);
  const kcmConfig = join(folder, 'kcm.kubeconfig');
  writeFileSync(kcmConfig, kubeconfig({ url, caFile, user: 'kcm', token: tokens.kcm }), { mode: 0o600 });
  const daemon = (name: Component, program: string, args: readonly string[]): Daemon =>
    new Daemon({
      name,
      command: join(programs, program),
      args,
      logFile: join(folder, `${name}.log`),
      reaper,
    });
  return {
    url,
    etcdUrl,
    adminToken: tokens.admin,
    caFile,
    auditLog: join(folder, 'audit.log'),
    daemons: {
      etcd: daemon('etcd', 'etcd', etcdArgs(folder, etcdUrl, `http://127.0.0.1:${peerPort}`)),
      apiserver: daemon('apiserver', 'kube-apiserver', apiServerArgs(options, etcdUrl, apiPort)),
      kcm: daemon('kcm', 'kube-controller-manager', managerArgs(options, kcmConfig, caFile)),
    },
  };
}

/**
 * Writes the authority that the API server has signed its own certificate with, once it has done so; true when it
 * is there.
 */
export function haveAuthority(caFile: string, folder: string): boolean {
  if (existsSync(caFile)) return true;
  const chain = join(folder, 'pki', 'apiserver.crt');
  if (!existsSync(chain)) return false;
  const blocks = readFileSync(chain, 'utf8').match(
    /-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----\n/g,
  );
  const authority = blocks?.[1];
  if (authority === undefined) return false;
  writeFileSync(caFile, authority);
  return true;
}

/** Who may log in with a fixed token, and the key that ServiceAccount tokens are signed with. */
function writeIdentities(folder: string, tokens: { admin: string; kcm: string }): void {
  const users = [
    `${tokens.admin},admin,admin,"system:masters"`,
    `${tokens.kcm},system:kube-controller-manager,kcm,"system:masters"`,
  ];
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const files: Readonly<Record<string, string>> = {
    'pki/tokens.csv': `${users.join('\n')}\n`,
    'pki/sa.key': privateKey,
    'pki/sa.pub': publicKey,
    'audit-policy.json': JSON.stringify(AUDIT_POLICY),
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text, { mode: 0o600 });
}

const etcdArgs = (folder: string, clientUrl: string, peerUrl: string): string[] => [
  '--name=test',
  `--data-dir=${join(folder, 'etcd')}`,
  // A power cut would lose the last writes of a cluster that lives for seconds.
  '--unsafe-no-fsync',
  '--log-level=warn',
  `--listen-client-urls=${clientUrl}`,
  `--advertise-client-urls=${clientUrl}`,
  `--listen-peer-urls=${peerUrl}`,
  `--initial-advertise-peer-urls=${peerUrl}`,
  `--initial-cluster=test=${peerUrl}`,
];

const apiServerArgs = ({ folder, apiArgs }: ControlPlaneOptions, etcdUrl: string, port: number): string[] => [
  `--etcd-servers=${etcdUrl}`,
  '--bind-address=127.0.0.1',
  '--advertise-address=127.0.0.1',
  `--secure-port=${port}`,
  '--endpoint-reconciler-type=none',
  '--service-cluster-ip-range=10.96.0.0/16',
  // It signs its certificate itself, and keeps it here over restarts.
  `--cert-dir=${join(folder, 'pki')}`,
  `--token-auth-file=${join(folder, 'pki', 'tokens.csv')}`,
  '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
  `--service-account-signing-key-file=${join(folder, 'pki', 'sa.key')}`,
  `--service-account-key-file=${join(folder, 'pki', 'sa.pub')}`,
  '--authorization-mode=RBAC',
  '--disable-admission-plugins=TaintNodesByCondition',
  `--audit-policy-file=${join(folder, 'audit-policy.json')}`,
  `--audit-log-path=${join(folder, 'audit.log')}`,
  '--shutdown-delay-duration=0s',
  ...apiArgs,
];

const managerArgs = (options: ControlPlaneOptions, config: string, caFile: string): string[] => [
  `--kubeconfig=${config}`,
  '--secure-port=0',
  '--leader-elect=false',
  `--service-account-private-key-file=${join(options.folder, 'pki', 'sa.key')}`,
  `--root-ca-file=${caFile}`,
  '--kube-api-qps=200',
  '--kube-api-burst=400',
  `--controllers=${options.controllers.join(',')}`,
];
