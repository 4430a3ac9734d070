/** What a tenant may write to get at what the gateway's place in the network opens, and what it is in truth. */
export interface Spelling {
  host: string;
  /** The address or name that is called when nothing prevents it. */
  means: string;
  /** Also where private addresses are allowed. */
  never: boolean;
}

const group = (means: string, never: boolean, hosts: readonly string[]): Spelling[] =>
  hosts.map((host) => ({ host, means, never }));

export const LOOPBACK = group('127.0.0.1', false, [
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '127.0.1',
  '2130706433',
  '017700000001',
  '0x7f000001',
  '0x7F.0x0.0x0.0x1',
  '0x7f.1',
  '0177.0.0.1',
  '0177.0.0.01',
  '127.0.0.0x1',
  '%31%32%37.0.0.1',
  '127%2E0%2E0%2E1',
  '１２７.０.０.１',
  '127。0。0。1',
  '①②⑦.0.0.1',
  '[::ffff:127.0.0.1]',
  '[::FFFF:7f00:1]',
  '[0:0:0:0:0:ffff:127.0.0.1]',
]);

export const SPELLINGS: readonly Spelling[] = [
  ...LOOPBACK,
  ...group('elsewhere in 127.0.0.0/8', false, ['127.255.255.254', '127.0.0.53', '2130706687']),
  ...group('::1', false, ['[::1]', '[0:0:0:0:0:0:0:1]', '[0000::0001]']),
  ...group('localhost', false, ['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', 'ip6-localhost']),
  ...group('127.0.0.1 behind NAT64', false, ['[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]']),
  ...group('private', false, ['10.0.0.1', '172.16.0.1', '0xac.31.255.254', '192.168.1.1', '3232235777']),
  ...group('private', false, ['[fd12:3456::1]', '[fc00::1]', '[::ffff:10.0.0.1]', '100.64.0.1']),
  ...group('inside the cluster', false, ['vllm.models.svc', 'vllm.models.svc.cluster.local']),
  ...group('169.254.169.254', true, [
    '169.254.169.254',
    '169.254.169.254.',
    '169.254.43518',
    '169.16689662',
    '2852039166',
    '0xa9fea9fe',
    '0xA9.0xFE.0xA9.0xFE',
    '0251.0376.0251.0376',
    '025177524776',
    '169.254.0xa9.0376',
    '１６９.２５４.１６９.２５４',
    '169%2e254%2e169%2e254',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::169.254.169.254]',
    '[64:ff9b:1::a9fe:a9fe]',
    '[::ffff:0:169.254.169.254]',
    '[2002:a9fe:a9fe::]',
    '[2002:a9fe:a9fe::1]',
    '[::169.254.169.254]',
    '[2001:0:a9fe:a9fe::1]',
  ]),
  ...group('other link-local', true, ['169.254.170.2', '169.254.170.23', '[fe80::1]', '[febf::a9fe:a9fe]']),
  ...group('metadata', true, [
    '[fd00:ec2::254]',
    '[fd00:0ec2:0:0:0:0:0:254]',
    '[fd00:ec2::23]',
    '[fd20:ce::254]',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'metadata.google.internal',
    'METADATA.google.internal.',
    'metadata',
    'instance-data',
    'metadata.azure.internal',
  ]),
  ...group('the API server', true, ['kubernetes.default.svc', 'kubernetes.default.svc.cluster.local']),
  ...group('this host', true, [
    '0',
    '0.0.0.0',
    '0x0',
    '0.1.2.3',
    '[::]',
    '[::ffff:0.0.0.0]',
    '[::127.0.0.1]',
  ]),
  ...group('nobody', true, ['224.0.0.1', '[ff02::1]', '255.255.255.255', '240.0.0.1', '192.0.2.1']),
  ...group('nobody', true, ['[fec0::1]', '[100::1]', '[2001:db8::1]', '[4000::1]']),
];
