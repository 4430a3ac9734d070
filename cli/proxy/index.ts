import { createGateway, type Gateway } from '../../proxy/gateway.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printError } from '../output.ts';
import { parseSchemaOptions } from '../schema-options.ts';
import { printListenError } from '../serve/listen-error.ts';
import { stopSignal } from '../serve/stop-signal.ts';
import { stopOnCrash } from '../stop-on-crash.ts';
import { clusterSource } from './cluster-source.ts';
import { findCluster } from './cluster.ts';
import { fileSource } from './file-source.ts';
import { ProxyOptions } from './options.ts';
import type { ProxySource } from './source.ts';

/** `modelgate proxy`: the data plane alone, until a signal stops it. */
export async function proxy(given: Readonly<Record<string, unknown>>): Promise<ExitCode> {
  const { options, source, mistakes } = understand(given);
  if (mistakes) {
    for (const mistake of mistakes) printError(mistake);
    return EXIT.usage;
  }
  // Whoever reads that it listens may stop it at once.
  const stopped = stopSignal();
  const { host, port, adminPort, logLevel, drainTimeout } = options;
  const gateway = createGateway({
    host,
    port,
    adminPort,
    logLevel,
    drainTimeout,
    source: source.description,
    readyWithoutAlias: true,
  });
  stopOnCrash(gateway);
  if (!(await listen(gateway, options))) return EXIT.problems;
  const following = source.follow(gateway);
  gateway.log.info({ signal: await stopped }, 'stopping');
  await Promise.all([following.stop(), gateway.stop()]);
  return EXIT.ok;
}

type Understood =
  | { options: ProxyOptions; source: ProxySource; mistakes?: undefined }
  | { options?: undefined; source?: undefined; mistakes: readonly string[] };

function understand(given: Readonly<Record<string, unknown>>): Understood {
  const parsed = parseSchemaOptions(ProxyOptions, given);
  if ('mistakes' in parsed) return parsed;
  const { options } = parsed;
  const { port, adminPort, configFile, cacheDir } = options;
  if (port === adminPort && port !== 0) return { mistakes: ['--port and --admin-port have to differ'] };
  if (configFile !== undefined) return { options, source: fileSource(configFile) };
  const cluster = findCluster(options, process.env);
  if ('missing' in cluster) return { mistakes: [cluster.missing] };
  return { options, source: clusterSource(cluster, cacheDir) };
}

async function listen(gateway: Gateway, options: ProxyOptions): Promise<boolean> {
  try {
    gateway.log.info(await gateway.start(), 'listening');
    return true;
  } catch (error) {
    printListenError(error, options);
    return false;
  }
}
