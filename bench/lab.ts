import { ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../scripts/bundle/bundle.ts';
import { benchConfig, type Size } from './config.ts';
import { freePort, listening } from './free-port.ts';
import { hasNginx, nginxCommand } from './nginx.ts';
import type { Mode } from './parties.ts';
import { Child, CORES, Usage } from './process.ts';
import type { Order, Used } from './product.ts';
import { startUpstream } from './upstream.ts';

/** Something that answers requests, and whose CPU and memory are measured. */
export interface Loadable {
  port: number;
  child: Usage;
  path(mode: Mode): string;
}

export interface Server extends Loadable {
  name: 'floor' | 'nginx' | 'modelgate';
  child: Child;
}

/** Milliseconds, and how often each server has its turn. */
export interface Pace {
  duration: number;
  rounds: number;
}

interface Listening {
  port: number;
}

/** The flags that `npm start` sets. */
export const NODE = [process.execPath, '--max-semi-space-size=32'];
const here = (file: string): string => join(import.meta.dirname, file);
const ONE_KEY: Size = { callers: 1, aliases: 0 };

/** The servers of a run, started when a case first asks for them and alive until it ends. */
export class Lab {
  readonly pace: Pace;
  readonly folder = mkdtempSync(join(tmpdir(), 'modelgate-bench-'));
  /** Standard output of all products. */
  readonly #accessLog = openSync(join(this.folder, 'access.log'), 'a');
  readonly #servers = new Map<string, Promise<Server>>();
  #upstream: Promise<Loadable> | undefined;
  #bundled: Promise<string> | undefined;

  constructor(pace: Pace) {
    this.pace = pace;
    process.on('exit', () => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** In this process, which then never sleeps: a server is not to pay for waking those it answers. */
  upstream(): Promise<Loadable> {
    this.#upstream ??= startUpstream().then((port) => {
      if (CORES) keepAwake();
      return { port, child: new Usage(process.pid), path: ownPath };
    });
    return this.#upstream;
  }

  floor(): Promise<Server> {
    return this.#once('floor', async () => {
      const child = new Child([...NODE, here('floor.ts'), await this.#upstreamURL()], CORES?.server);
      const { port } = await child.message<Listening>();
      return { name: 'floor', port, child, path: () => OPENAI_PATH };
    });
  }

  /** Undefined when it is not installed. */
  async nginx(): Promise<Server | undefined> {
    if (!hasNginx()) return undefined;
    return this.#once('nginx', async () => {
      const port = await freePort();
      const child = new Child(nginxCommand(this.folder, port, await this.#upstreamURL()), CORES?.server);
      await listening(port);
      return { name: 'nginx', port, child, path: ownPath };
    });
  }

  product(size: Size = ONE_KEY): Promise<Server> {
    const { callers, aliases } = size;
    return this.#once(`product-${callers}-${aliases}`, () => this.startProduct(size));
  }

  /** One that no other case uses: the caller stops it. */
  async startProduct(size: Size): Promise<Server> {
    this.#bundled ??= this.#bundle();
    const command = [...NODE, await this.#bundled, await this.configFile(size, 'first')];
    const child = new Child(command, CORES?.server, { stdout: this.#accessLog });
    const { port } = await child.message<Listening>();
    return { name: 'modelgate', port, child, path: () => OPENAI_PATH };
  }

  /** As it is in the image. */
  async #bundle(): Promise<string> {
    const folder = join(this.folder, 'product');
    await bundle(folder, { product: 'bench/product.ts' });
    return join(folder, 'product.js');
  }

  /** @param note makes configurations of one size different */
  async configFile(size: Size, note: string): Promise<string> {
    const file = join(this.folder, `config-${size.callers}-${size.aliases}-${note}.json`);
    const config = benchConfig(await this.#upstreamURL(), size);
    writeFileSync(file, JSON.stringify({ ...config, revision: `${config.revision.slice(0, 8)}-${note}` }));
    return file;
  }

  /** Keeps the access log of all products from filling the disk. */
  forgetLog(): void {
    ftruncateSync(this.#accessLog);
  }

  async #upstreamURL(): Promise<string> {
    const { port } = await this.upstream();
    return `http://127.0.0.1:${port}`;
  }

  #once(name: string, start: () => Promise<Server>): Promise<Server> {
    const started = this.#servers.get(name) ?? start();
    this.#servers.set(name, started);
    return started;
  }
}

function keepAwake(): void {
  setImmediate(keepAwake);
}

const OPENAI_PATH = '/v1/chat/completions';

/** Who has no aliases is told in the path how to answer. */
function ownPath(mode: Mode): string {
  return `/${mode}${OPENAI_PATH}`;
}

/** Has a product load a configuration, or serve by it. @returns milliseconds it took */
export async function order({ child }: Server, what: Order): Promise<number> {
  child.child.send(what);
  const { used } = await child.message<Used>();
  return used;
}
