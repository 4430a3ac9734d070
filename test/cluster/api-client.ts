import { Agent, type Dispatcher, request } from 'undici';

export interface ApiAnswer {
  readonly status: number;
  /** The decoded body: an object, a list or a Status; a string when it is not JSON. */
  readonly body: unknown;
}

export interface ApiRequest {
  readonly method?: Dispatcher.HttpMethod;
  readonly body?: unknown;
  /** Of the body; JSON by default. A patch names its own kind here. */
  readonly contentType?: string;
  /** Whom to be; the administrator by default. */
  readonly token?: string;
}

/** Plain requests to the API server, for what is too slow or impossible with kubectl. */
export class ApiClient {
  readonly #url: string;
  readonly #token: string;
  readonly #agent: Agent;

  constructor(url: string, token: string, certificateAuthority: string) {
    this.#url = url;
    this.#token = token;
    this.#agent = new Agent({ connect: { ca: certificateAuthority } });
  }

  /** Rejects when the server cannot be reached; an answer with an error status is an answer. */
  async request(path: string, options: ApiRequest = {}): Promise<ApiAnswer> {
    const { method = 'GET', body, contentType = 'application/json', token = this.#token } = options;
    const answer = await request(this.#url + path, {
      dispatcher: this.#agent,
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': contentType }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: decoded(await answer.body.text()) };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

function decoded(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
