import type { Proxy } from './platform.ts';

const TICK = 10;
/** Milliseconds that a caller waits. */
const PATIENCE = 10_000;

export interface TrafficOptions {
  /** Where the next request goes; asked for each, so that proxies may come and go. */
  proxies: () => readonly Proxy[];
  /** The key it carries. */
  key: () => string | Promise<string>;
  model: string;
  perSecond: number;
}

export interface TrafficResult {
  sent: number;
  /** Everything that was no 200, a line each. */
  failures: string[];
}

/** Callers that ask all the time. */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #result: TrafficResult = { sent: 0, failures: [] };
  readonly #underWay = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #owed = 0;

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), TICK);
  }

  /** How many have been answered with 200 so far. */
  get answered(): number {
    return this.#result.sent - this.#underWay.size - this.#result.failures.length;
  }

  async stop(): Promise<TrafficResult> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
    return this.#result;
  }

  #tick(): void {
    this.#owed += (this.#options.perSecond * TICK) / 1_000;
    for (; this.#owed >= 1; this.#owed--) {
      const asked: Promise<void> = this.#ask().finally(() => this.#underWay.delete(asked));
      this.#underWay.add(asked);
    }
  }

  async #ask(): Promise<void> {
    const { proxies, key, model } = this.#options;
    const all = proxies();
    const proxy = all[this.#result.sent++ % all.length]!;
    try {
      const { status, text } = await ask(proxy, await key(), model);
      if (status !== 200) this.#result.failures.push(`${proxy.name}: ${status} ${text}`);
    } catch (error) {
      this.#result.failures.push(`${proxy.name}: ${String((error as Error).cause ?? error)}`);
    }
  }
}

export interface Answered {
  status: number;
  text: string;
  revision: string | null;
}

export async function ask({ url }: Proxy, key: string, model = 'chat'): Promise<Answered> {
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    signal: AbortSignal.timeout(PATIENCE),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  return {
    status: response.status,
    text: await response.text(),
    revision: response.headers.get('x-modelgate-revision'),
  };
}
