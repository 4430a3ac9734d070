import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { Pool, type Dispatcher } from 'undici';
import { ApiError } from './api-error.ts';

/** How to reach the API server, and as whom. */
export interface ApiAccess {
  /** Without a path: `https://10.0.0.1:443`. */
  url: string;
  /** Files are read again for every request: the kubelet renews them. */
  caFile?: string | undefined;
  tokenFile?: string | undefined;
}

export interface Sent {
  method: 'POST' | 'PUT';
  body: object;
}

const CONNECTIONS = 10;
const CONNECT_WITHIN = 5_000;
/** Milliseconds; nothing that is asked for here takes long. */
const ANSWER_WITHIN = 10_000;
/** Milliseconds of pause between the bytes of one answer. */
const SILENT_FOR = 10_000;

/** Speaks with the Kubernetes API server in plain HTTPS. Its client library would cost 100 MB of memory. */
export class ApiServer {
  readonly #access: ApiAccess;
  #ca: string | undefined;
  #pool: Pool | undefined;

  constructor(access: ApiAccess) {
    this.#access = access;
  }

  /**
   * Asks for an object, or writes one.
   * @returns the answer's JSON
   * @throws ApiError when the server refuses; else what prevented an answer
   */
  async json(path: string, sent?: Sent): Promise<unknown> {
    const { body } = await this.#request(path, SILENT_FOR, sent);
    return JSON.parse(await body.text());
  }

  /**
   * Asks for something that goes on.
   * @param silentFor milliseconds of silence after which the connection is taken for dead
   */
  async stream(path: string, silentFor: number): Promise<Readable> {
    return (await this.#request(path, silentFor)).body;
  }

  /** Breaks off whatever is under way. */
  async close(): Promise<void> {
    await this.#pool?.destroy();
  }

  async #request(path: string, bodyTimeout: number, sent?: Sent): Promise<Dispatcher.ResponseData> {
    const { tokenFile } = this.#access;
    const pool = await this.#connections();
    const headers: Record<string, string> = { accept: 'application/json' };
    if (tokenFile !== undefined)
      headers['authorization'] = `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`;
    if (sent) headers['content-type'] = 'application/json';
    const response = await pool.request({
      path,
      method: sent?.method ?? 'GET',
      headers,
      headersTimeout: ANSWER_WITHIN,
      bodyTimeout,
      body: sent ? JSON.stringify(sent.body) : null,
    });
    if (response.statusCode < 300) return response;
    throw new ApiError(response.statusCode, await response.body.text());
  }

  /** New ones when the certificate authority is another. */
  async #connections(): Promise<Pool> {
    const { url, caFile } = this.#access;
    const ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8');
    if (this.#pool && ca === this.#ca) return this.#pool;
    void this.#pool?.close();
    this.#ca = ca;
    this.#pool = new Pool(url, {
      connections: CONNECTIONS,
      allowH2: false,
      connect: { timeout: CONNECT_WITHIN, ...(ca !== undefined && { ca }) },
    });
    return this.#pool;
  }
}
