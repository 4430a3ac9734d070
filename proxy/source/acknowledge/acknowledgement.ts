import type { Logger } from 'pino';
import { PROXY_LEASE_PREFIX } from '../../../core/publish/names.ts';
import { ApiError } from '../kubernetes/api-error.ts';
import type { ApiServer } from '../kubernetes/api-server.ts';
import { pause } from '../pause.ts';
import { Lease, leaseBody, type Pod } from './lease.ts';

/** Seconds after which a Lease that is not renewed counts no more. */
const DURATION = 15;
/** Milliseconds. */
const RENEW_EVERY = 5_000;
const RETRY_AFTER = 1_000;
/** A stop does not wait for a server that is away. */
const RELEASE_WITHIN = 2_000;

interface Parts {
  api: ApiServer;
  pod: Pod;
  log: Logger;
}

/**
 * Tells the operator which revision this proxy serves: in a Lease of its own, so that a proxy that is gone, or does
 * not get to run, stops counting without anybody's doing. There is none before something is served.
 */
export class Acknowledgement {
  readonly #parts: Parts;
  readonly #collection: string;
  #revision: string | undefined;
  #lease: Lease | undefined;
  #renewing: Promise<void> | undefined;
  #news = new AbortController();
  #released = false;
  #failing = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#collection = `/apis/coordination.k8s.io/v1/namespaces/${parts.pod.namespace}/leases`;
  }

  /** Says so at once, and from now on again and again. */
  serving(revision: string): void {
    this.#revision = revision;
    this.#news.abort();
    this.#renewing ??= this.#renew();
  }

  /** This proxy does not count any more. */
  async release(): Promise<void> {
    this.#released = true;
    this.#news.abort();
    if (this.#renewing) await pauseOr(RELEASE_WITHIN, this.#renewing);
  }

  async #renew(): Promise<void> {
    while (!this.#released) {
      this.#news = new AbortController();
      const { signal } = this.#news;
      const done = await this.#try();
      // News of the meantime have ended the pause before it begins.
      await pause(done ? RENEW_EVERY : RETRY_AFTER * (1 + Math.random()), signal);
    }
    await this.#try();
  }

  async #try(): Promise<boolean> {
    const { log } = this.#parts;
    try {
      await this.#write();
      if (this.#failing) log.info('the lease is renewed again');
      this.#failing = false;
      return true;
    } catch (error) {
      // Somebody else wrote to it, or removed it: look at it again.
      if (error instanceof ApiError) this.#lease = undefined;
      if (!this.#failing) log.warn({ reason: (error as Error).message }, 'the lease cannot be renewed');
      this.#failing = true;
      return false;
    }
  }

  async #write(): Promise<void> {
    const { api, pod } = this.#parts;
    const path = `${this.#collection}/${PROXY_LEASE_PREFIX}${pod.name}`;
    this.#lease ??= await this.#find(path);
    const claim = {
      revision: this.#revision!,
      holder: this.#released ? '' : pod.name,
      duration: this.#released ? 1 : DURATION,
      renewedAt: Date.now(),
    };
    const body = leaseBody(pod, claim, this.#lease);
    const sent = this.#lease
      ? await api.json(path, { method: 'PUT', body })
      : await api.json(this.#collection, { method: 'POST', body });
    this.#lease = Lease.parse(sent);
  }

  async #find(path: string): Promise<Lease | undefined> {
    try {
      return Lease.parse(await this.#parts.api.json(path));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }
}

async function pauseOr(ms: number, something: Promise<void>): Promise<void> {
  const done = new AbortController();
  await Promise.race([something, pause(ms, done.signal)]);
  done.abort();
}
