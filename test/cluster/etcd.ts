import { request } from 'undici';

/**
 * Compacts an etcd up to its newest revision, through its JSON gateway.
 * @see https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
 */
export async function compactEtcd(url: string): Promise<void> {
  const { header } = (await post(`${url}/v3/kv/range`, { key: encoded('\0') })) as {
    header: { revision: string };
  };
  await post(`${url}/v3/kv/compaction`, { revision: header.revision, physical: true });
}

const encoded = (key: string): string => Buffer.from(key).toString('base64');

async function post(url: string, body: object): Promise<unknown> {
  const answer = await request(url, { method: 'POST', body: JSON.stringify(body) });
  if (answer.statusCode !== 200)
    throw new Error(`etcd answers ${answer.statusCode}: ${await answer.body.text()}`);
  return answer.body.json();
}
