import type { Logger } from 'pino';
import { hasCode } from '../kube/api-error.ts';
import { LEASES } from '../kube/api-resources.ts';
import type { KubeWriter } from '../kube/client.ts';
import type { KubeObject } from '../kube/object.ts';
import { pause } from '../kube/pause.ts';
import { microTime, specOf, type LeaseSpec } from '../leases/lease.ts';
import type { Leadership } from './leadership.ts';
import { ObservedLease } from '../leases/observed-lease.ts';

/** Without a renewal for so long, another process may lead. */
const LEASE_DURATION = 15_000;
/** Without a renewal for so long, we no longer do: what was sent last has ended when the Lease moves. */
const RENEW_DEADLINE = 10_000;
const RETRY_EVERY = 2_000;

export interface ElectorOptions {
  /** Not gated by the leadership that it decides about. */
  client: KubeWriter;
  leadership: Leadership;
  namespace: string;
  name: string;
  /** Differs between processes. */
  identity: string;
  log: Logger;
  began: () => void;
  ended: () => void;
}

/** Takes the Lease when nobody renews it, and renews it. https://kubernetes.io/docs/concepts/architecture/leases/ */
export class Elector {
  readonly #options: ElectorOptions;
  readonly #observed = new ObservedLease();
  #leading = false;

  constructor(options: ElectorOptions) {
    this.#options = options;
  }

  /** Runs until the signal ends it; then gives the Lease back, if it is ours. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#attempt().catch((error: unknown) => this.#failed(error));
      this.#tell();
      await pause(RETRY_EVERY, signal);
    }
    const { leadership } = this.#options;
    const held = leadership.holds;
    leadership.end();
    this.#tell();
    if (held) await this.#release().catch((error: unknown) => this.#failed(error));
  }

  async #attempt(): Promise<void> {
    const { client, namespace, name, identity } = this.#options;
    const sentAt = performance.now();
    const lease = await this.#read();
    if (lease === undefined) {
      const metadata = { namespace, name };
      const spec = this.#spec({});
      await client.create(LEASES, { apiVersion: LEASES.apiVersion, kind: LEASES.kind, metadata, spec });
    } else {
      const before = specOf(lease);
      this.#observed.observe(before, performance.now());
      const ours = before.holderIdentity === identity;
      if (!ours && this.#observed.isAlive(performance.now())) return this.#options.leadership.end();
      await client.update(LEASES, { ...lease, spec: this.#spec(before) });
    }
    this.#options.leadership.holdUntil(sentAt + RENEW_DEADLINE);
  }

  async #read(): Promise<KubeObject | undefined> {
    const { client, namespace, name } = this.#options;
    try {
      return await client.get(LEASES, { namespace, name });
    } catch (error) {
      if (hasCode(error, 404)) return undefined;
      throw error;
    }
  }

  #spec(before: LeaseSpec): LeaseSpec {
    const { identity } = this.#options;
    const now = microTime(Date.now());
    const ours = before.holderIdentity === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: LEASE_DURATION / 1_000,
      acquireTime: ours ? (before.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (before.leaseTransitions ?? -1) + (ours ? 0 : 1),
    };
  }

  /** So that another process need not wait for the end of the Lease. */
  async #release(): Promise<void> {
    const { client, identity, log } = this.#options;
    const lease = await this.#read();
    if (lease === undefined || specOf(lease).holderIdentity !== identity) return;
    const spec = { ...specOf(lease), holderIdentity: '', leaseDurationSeconds: 1 };
    await client.update(LEASES, { ...lease, spec });
    log.info('lease given back');
  }

  /** A 409 is another process that was faster. */
  #failed(error: unknown): void {
    if (!hasCode(error, 409))
      this.#options.log.warn({ error: (error as Error).message }, 'the lease cannot be renewed');
  }

  #tell(): void {
    const { leadership, began, ended, log } = this.#options;
    if (leadership.holds === this.#leading) return;
    this.#leading = leadership.holds;
    log.info(this.#leading ? 'this process leads' : 'this process no longer leads');
    if (this.#leading) began();
    else ended();
  }
}
