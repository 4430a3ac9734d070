import type { Input, TokenIssuer } from '../../core/compile/index.ts';
import { canonicalJson } from '../../core/config/canonical.ts';
import { ApiError } from '../kube/api-error.ts';
import { Backoff } from '../kube/backoff.ts';
import { pause } from '../kube/pause.ts';
import type { Task, TaskOutcome, TaskStart } from '../task.ts';
import { DISCOVERY_PATH, KEYS_PATH, readIssuer } from './issuer-documents.ts';

/** Milliseconds after which a new key of the API server is known here. */
const REFRESH = 30_000;
const FIRST_WAIT = 500;

/**
 * Knows who signs the tokens of this cluster's ServiceAccounts. What was once known stays while it cannot be asked
 * for: a server that is away is no reason to turn callers away.
 */
export class ServiceAccountIssuer implements Task {
  readonly name = 'issuer of ServiceAccount tokens';
  #known: TokenIssuer | undefined;

  /** Resolves when it is known, or when the API server has said that it will not tell. */
  async start(around: TaskStart): Promise<void> {
    const backoff = new Backoff(FIRST_WAIT, REFRESH);
    while (!around.signal.aborted) {
      const answered = await this.#refresh(around);
      if (answered) break;
      await pause(backoff.next(), around.signal);
    }
    void this.#keepFresh(around);
  }

  input(): Partial<Input> {
    return { serviceAccounts: this.#known };
  }

  async run(): Promise<TaskOutcome> {
    return {};
  }

  async #keepFresh(around: TaskStart): Promise<void> {
    for (;;) {
      await pause(REFRESH * (0.75 + Math.random() / 2), around.signal);
      if (around.signal.aborted) return;
      const before = canonicalJson(this.#known ?? null);
      await this.#refresh(around);
      if (canonicalJson(this.#known ?? null) !== before) around.changed();
    }
  }

  /** @returns false when nobody answered, so that the same question may have another answer soon */
  async #refresh({ client, log }: TaskStart): Promise<boolean> {
    try {
      const [discovery, keys] = await Promise.all([client.read(DISCOVERY_PATH), client.read(KEYS_PATH)]);
      this.#known = readIssuer(discovery, keys);
      return true;
    } catch (error) {
      log.warn({ error: (error as Error).message }, 'the keys of ServiceAccount tokens cannot be read');
      return error instanceof ApiError && error.code < 500 && error.code !== 429;
    }
  }
}
