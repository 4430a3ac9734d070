import { createGateway, type Gateway } from '../../proxy/gateway.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printError } from '../output.ts';
import { stopOnCrash } from '../stop-on-crash.ts';
import { STDIN } from '../yaml/files.ts';
import { formatProblem } from '../yaml/problem.ts';
import { banner, notStarted } from './banner.ts';
import { readConfiguration, type Configuration } from './configuration.ts';
import { embeddedSource } from './embedded/index.ts';
import { exposedKeys } from './exposure.ts';
import { KeyStore } from './key-store.ts';
import { printListenError } from './listen-error.ts';
import { Reloader } from './reload.ts';
import { fileSource, type Source } from './source.ts';
import { stopSignal } from './stop-signal.ts';
import { watchPaths, type Watch } from './watch.ts';

export interface ServeOptions {
  config?: readonly string[];
  host: string;
  port: number;
  adminPort: number;
  logLevel: string;
  stateDir: string;
  allowPrivateUpstreams: boolean;
  deniedCidrs?: readonly string[];
  version: string;
}

/** `modelgate serve`: compile and proxy in one process, until a signal stops it. */
export async function serve(options: ServeOptions): Promise<ExitCode> {
  const { config: paths } = options;
  const mistake = usageMistake(options);
  if (mistake !== undefined) {
    printError(mistake);
    return EXIT.usage;
  }
  const source = paths === undefined ? await embeddedSource(process.env) : fileSource(paths);
  const store = new KeyStore(options.stateDir);
  const egress = { allowPrivate: options.allowPrivateUpstreams, deniedCIDRs: options.deniedCidrs };
  const configuration = await readConfiguration(source, store, egress);
  if (reportFaults(configuration, options.host) > 0) return EXIT.problems;
  // Whoever reads that it is started may stop it at once.
  const stopped = stopSignal();
  const gateway = createGateway({ ...pick(options), source: source.description });
  stopOnCrash(gateway);
  if (!(await start(gateway, configuration, options, source))) return EXIT.problems;
  const reloader = new Reloader(gateway, configuration, { source, store, host: options.host, egress });
  const watch = await watchSource(source, reloader, gateway);
  gateway.log.info({ signal: await stopped }, 'stopping');
  await Promise.all([watch?.close(), gateway.stop()]);
  return EXIT.ok;
}

function usageMistake({ config, port, adminPort }: ServeOptions): string | undefined {
  if (port === adminPort && port !== 0) return '--port and --admin-port have to differ';
  if (config?.includes(STDIN)) return '--config takes files and folders: standard input cannot be watched';
  return undefined;
}

function pick({ host, port, adminPort, logLevel }: ServeOptions) {
  return { host, port, adminPort, logLevel };
}

/** Prints what prevents a start, and returns how much that is; else what is left out. */
function reportFaults(configuration: Configuration, host: string): number {
  const { loaded, findings } = configuration;
  const faults = [...loaded.problems, ...exposedKeys(configuration, host)];
  if (faults.length === 0) {
    for (const problem of findings) printError(`warning: ${formatProblem(problem)}`);
    return 0;
  }
  for (const problem of faults) printError(formatProblem(problem));
  printError(notStarted(faults.length));
  return faults.length;
}

async function start(
  gateway: Gateway,
  { config, keys }: Configuration,
  options: ServeOptions,
  { description, remarks }: Source,
): Promise<boolean> {
  try {
    await gateway.use(config);
    const ports = await gateway.start();
    const { host, version } = options;
    printError(banner({ version, host, ...ports, source: description, config, keys, remarks }));
    return true;
  } catch (error) {
    printListenError(error, options);
    return false;
  }
}

async function watchSource(
  { paths }: Source,
  reloader: Reloader,
  { log }: Gateway,
): Promise<Watch | undefined> {
  if (paths.length === 0) return undefined;
  const failed = (error: unknown): void =>
    log.error({ err: error }, 'files cannot be watched; restart to load changes');
  return watchPaths(paths, () => void reloader.reload(), failed);
}
