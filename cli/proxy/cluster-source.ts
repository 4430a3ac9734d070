import { MANIFEST_NAME } from '../../core/publish/names.ts';
import { Acknowledgement } from '../../proxy/source/acknowledge/acknowledgement.ts';
import { CacheFolder } from '../../proxy/source/disk/cache-folder.ts';
import { ApiServer } from '../../proxy/source/kubernetes/api-server.ts';
import { KubernetesSource } from '../../proxy/source/kubernetes/kubernetes-source.ts';
import type { Cluster } from './cluster.ts';
import type { ProxySource } from './source.ts';

/** What the operator publishes, acknowledged to it. */
export function clusterSource({ access, pod }: Cluster, cacheDir: string): ProxySource {
  const { namespace } = pod;
  return {
    description: `Secret ${namespace}/${MANIFEST_NAME}`,
    follow: (gateway) => {
      const api = new ApiServer(access);
      const acknowledgement = new Acknowledgement({ api, pod, log: gateway.log });
      const cache = new CacheFolder(cacheDir);
      const serving = (revision: string): void => acknowledgement.serving(revision);
      const source = new KubernetesSource({ gateway, api, namespace, cache, serving });
      source.start();
      return {
        stop: async () => {
          await Promise.all([source.stop(), acknowledgement.release()]);
          await api.close();
        },
      };
    },
  };
}
