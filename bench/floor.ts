import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool, type Dispatcher } from 'undici';
import { aliasOf, keyOf, MODES, upstreamModelOf } from './parties.ts';

/** The least that a proxy on Node can do: key check, alias map, body parsed and written again, answer passed on. */
const pool = new Pool(process.argv[2]!, { pipelining: 1 });
const keys = new Set([`Bearer ${keyOf(0)}`]);
const aliases = new Map(MODES.map((mode) => [aliasOf(mode), { mode, model: upstreamModelOf(mode) }]));

class PassOn implements Dispatcher.DispatchHandler {
  readonly #res: ServerResponse;

  constructor(res: ServerResponse) {
    this.#res = res;
  }

  onRequestStart(): void {}

  onResponseStart(
    _controller: unknown,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    const { 'content-type': type, 'content-length': length } = headers;
    const head = ['content-type', String(type)];
    if (length !== undefined) head.push('content-length', String(length));
    this.#res.writeHead(status, head);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#res.write(chunk)) return;
    controller.pause();
    this.#res.once('drain', () => controller.resume());
  }

  onResponseEnd(): void {
    this.#res.end();
  }

  onResponseError(): void {
    this.#res.destroy();
  }
}

function forward(body: Buffer, res: ServerResponse): void {
  const request = JSON.parse(body.toString()) as { model: string };
  const { mode, model } = aliases.get(request.model)!;
  request.model = model;
  pool.dispatch(
    {
      path: `/${mode}/v1/chat/completions`,
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer provider-key' },
      body: JSON.stringify(request),
    },
    new PassOn(res),
  );
}

const server = createServer((req: IncomingMessage, res: ServerResponse) => {
  if (!keys.has(req.headers.authorization ?? '')) {
    res.writeHead(401).end();
    return;
  }
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => forward(Buffer.concat(chunks), res));
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }));
process.on('disconnect', () => process.exit());
